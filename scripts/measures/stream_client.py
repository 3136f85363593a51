"""Who watches a stream: `python -m scripts.measures.stream_client URL [--file FILE] [--option NAME=VALUE …]`.

Decodes what comes and prints one line for every picture: the number drawn into it (`scripts/measures/numbers.py`) and
`time.monotonic()`. With `--file` the stream goes into that file as it is, as a streaming server would keep it.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import av
import av.error
import numpy as np

from liveswapping.media.chatter import hear_ffmpeg
from scripts.measures.numbers import number_in


def main() -> int:
    """Watch until the stream ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--file")
    parser.add_argument("--format")
    parser.add_argument("--option", action="append", default=[])
    words = parser.parse_args()
    options = dict(option.split("=", 1) for option in words.option)
    hear_ffmpeg()
    try:
        with av.open(words.url, "r", format=words.format, options=options, timeout=30.0) as container:
            _keep(container, words.file) if words.file else _watch(container)
    except (av.error.FFmpegError, OSError) as error:
        print(f"ended: {error}", file=sys.stderr)
    return 0


def _watch(container: av.container.InputContainer) -> None:
    for picture in container.decode(video=0):
        now = time.monotonic()
        print(number_in(np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)), now, flush=True)


def _keep(container: av.container.InputContainer, path: str) -> None:
    with av.open(path, "w") as kept:
        streams = {one.index: kept.add_stream_from_template(one) for one in container.streams}
        try:
            for packet in container.demux():
                if packet.dts is not None:
                    packet.stream = streams[packet.stream_index]
                    kept.mux(packet)
        except av.error.FFmpegError as error:  # the sender has hung up
            print(f"ended: {error}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
