"""A fresh process that swaps one frame: `first_frame.py SOURCE TARGET`. Prints one line when the frame is there.

Nothing is imported before it is needed, as in the command line itself.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(source: str, target: str) -> int:
    """Swap the face of `source` into the picture `target` with every default on."""
    from liveswapping.build import build_pipeline, load_identity, picture
    from liveswapping.domain.settings import Settings
    from liveswapping.pipeline.timing import Laps

    settings = Settings(sources=(source,))
    identity = load_identity(settings, lambda _: None)
    pipeline = build_pipeline(settings, identity)
    swapped = pipeline.process(picture(target), settings, Laps())
    print(f"swapped {swapped.swapped}", flush=True)
    pipeline.close()
    return 0 if swapped.swapped else 1


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.exit(main(*sys.argv[1:3]))
