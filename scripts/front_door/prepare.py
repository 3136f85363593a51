"""The last part of the set-up, run by the environment's own Python: `python -m scripts.front_door.prepare PART`.

PART is `models` (fetch the built-in networks) or `kernels` (swap one frame, so that all kernels lie compiled in
numba's cache). Prints progress and errors the way pip does: `Progress 1 of 2`, `ERROR: what happened`.
"""

import sys

from liveswapping.domain.errors import LiveSwappingError


def main(part: str) -> int:
    """Do one part. 0: done; 1: failed, with one line on standard output."""
    try:
        if part == "models":
            _fetch_models()
        else:
            _compile_kernels()
    except LiveSwappingError as error:
        print(f"ERROR: {error}")
        return 1
    return 0


def _fetch_models() -> None:
    from liveswapping.inference.store import Store

    Store().pull(["builtin"], lambda _label, done, total: print(f"Progress {done} of {total}", flush=True))


def _compile_kernels() -> None:
    from liveswapping.build import warm_up

    warm_up()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
