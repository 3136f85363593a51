"""What marking costs: `python scripts/marking.py [--megabytes 400]`.

The label: microseconds a frame, place and drawing, by size. Signing: seconds, and by how much the peak of a process's
memory grows, for a film of that many megabytes of noise, which the process signs itself, as the one beside a job does.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import av
import numpy as np
from av.packet import Packet

from liveswapping.domain.face import Face
from liveswapping.pipeline.marking import Marker
from liveswapping.pipeline.pipeline import Swapped

SIZES = ((640, 360), (1280, 720), (1920, 1080), (3840, 2160))
_SIGN = """
import json, sys, time
from pathlib import Path
from liveswapping.provenance.credentials import Story, sign
from liveswapping.provenance.inspection import inspect
from liveswapping.provenance.keys import signing_key

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

small, film, signed = map(Path, sys.argv[1:])
key = signing_key(signed.parent)
sign(small, signed, Story(), key)
before, began = peak(), time.perf_counter()
sign(film, signed, Story(target=str(film)), key)
took, grown = time.perf_counter() - began, peak() - before
state = inspect(signed).credentials
print(json.dumps({"megabytes": film.stat().st_size >> 20, "seconds": round(took, 2), "grown_mb": round(grown, 1),
                  "grown_with_reading_mb": round(peak() - before, 1), "credentials": state}))
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit code is 0 whatever comes out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=400)
    options = parser.parse_args(arguments)
    result: dict[str, object] = {"label_us": {f"{width}x{height}": label(width, height) for width, height in SIZES}}
    print(f"label, microseconds a frame: {result['label_us']}", flush=True)
    result["signing"] = signing(options.megabytes)
    print(f"signing: {result['signing']}")
    print(json.dumps(result))
    return 0


def label(width: int, height: int, rounds: int = 500) -> float:
    """Microseconds for a picture that may be written into, with one face that moves a little."""
    image = np.zeros((height, width, 3), np.uint8)
    marker, times = Marker(), []
    for number in range(rounds):
        box = np.array([0.4 * width, 0.2 * height, 0.6 * width, 0.6 * height], np.float32) + np.float32(number % 7)
        done = Swapped(image, 1, 1, [Face(box, np.zeros((5, 2), np.float32), 1.0)])
        began = time.perf_counter()
        marker.mark(image, image, done, True, writable=True)
        times.append(time.perf_counter() - began)
    return round(float(np.median(times)) * 1e6, 1)


def signing(megabytes: int) -> dict[str, object]:
    """Sign a film in a fresh process."""
    with tempfile.TemporaryDirectory(prefix="marking-") as name:
        folder = Path(name)
        small, film = noise(folder / "small.mp4", 0), noise(folder / "film.mp4", megabytes)
        command = [sys.executable, "-c", _SIGN, str(small), str(film), str(folder / "signed.mp4")]
        root = str(Path(__file__).resolve().parents[1])
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        found: dict[str, object] = json.loads(done.stdout)
        return found


def noise(path: Path, megabytes: int) -> Path:
    """A film of about that size: one picture of noise, again and again."""
    picture = np.random.default_rng(0).integers(0, 256, (1080, 1920, 3), np.uint8)
    with av.open(str(path), "w") as film:
        stream = film.add_stream("mjpeg", rate=25, options={"qscale": "1"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuvj420p"
        packets = stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")) + stream.encode(None)
        data, number = bytes(packets[0]), 0
        while number * len(data) <= megabytes << 20:
            packet: Packet[Any] = Packet(data)
            packet.pts = packet.dts = number
            packet.time_base, packet.stream, packet.is_keyframe = Fraction(1, 25), stream, True
            film.mux(packet)
            number += 1
    return path


if __name__ == "__main__":
    sys.exit(main())
