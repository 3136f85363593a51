from __future__ import annotations

import os
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pytest

from liveswapping.domain.errors import EndOfStream, SettingsError, SourceError
from liveswapping.media import camera as camera_module
from liveswapping.media import open as open_module
from liveswapping.media import stream as stream_module
from liveswapping.media.images import FolderSource, ImageSource, write_image
from liveswapping.media.open import open_source
from liveswapping.media.orientation import Orientation
from liveswapping.media.paced import PacedSource
from liveswapping.media.video import VideoSource

PICTURE = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


@pytest.fixture
def picture_file(tmp_path):
    write_image(tmp_path / "a.png", PICTURE)
    return tmp_path / "a.png"


def test_what_a_user_writes_decides_what_is_opened(tmp_path, clip, picture_file):
    for spec, kind in ((clip("a.mp4", 2), VideoSource), (picture_file, ImageSource), (tmp_path, FolderSource)):
        for written in (str(spec), f" {spec} "):
            source = open_source(written)
            assert type(source) is kind
            source.close()
    spaced = picture_file.rename(tmp_path / "a picture.png")
    source = open_source(spaced.as_uri())  # with its blank as %20
    assert type(source) is ImageSource
    source.close()


@pytest.mark.parametrize(("spec", "camera"), [(0, "0"), ("3", "3"), ("camera:1", "1"), ("camera:My: Cam", "My: Cam")])
def test_numbers_and_camera_specs_are_cameras(monkeypatch, spec, camera):
    asked = {}

    def fake(name, **wishes):
        asked.update(wishes, name=name)
        raise SourceError("no camera in a test")

    monkeypatch.setattr(camera_module, "Camera", fake)
    with pytest.raises(SourceError):
        open_source(spec, width=640, height=480, fps=15, fourcc="MJPG")
    assert asked == {"name": camera, "width": 640, "height": 480, "fps": 15, "fourcc": "MJPG"}


@pytest.mark.parametrize(
    "url", ["rtsp://host/1", "RTMP://host/live", "udp://@:1234", "https://host/a.m3u8", "srt://h:1"]
)
def test_addresses_are_streams(monkeypatch, url):
    asked = []
    monkeypatch.setattr(stream_module, "StreamSource", lambda address: asked.append(address) or _Still())
    open_source(url)
    assert asked == [url]


class _Still:
    live = True


def test_a_demo_is_made_by_whoever_can(picture_file):
    asked = []

    def factory(name):
        asked.append(name)
        return ImageSource(picture_file)

    for spec in ("demo:", "demo:t1"):
        open_source(spec, demo_factory=factory).close()
    assert asked == ["", "t1"]
    with pytest.raises(SourceError, match="demo:"):
        open_source("demo:")


def test_what_is_not_there_is_one_line(tmp_path):
    for name in ("none.mp4", "none.jpg", "none", "C:nothing"):
        with pytest.raises(SourceError, match="there is no file") as caught:
            open_source(str(tmp_path / name))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(("rotate", "turns"), [(0, 0), (90, -1), (180, 2), (270, 1)])
def test_every_source_can_be_turned_clockwise_and_then_mirrored(picture_file, mirror, rotate, turns):
    source = open_source(str(picture_file), mirror=mirror, rotate=rotate)
    expected = np.rot90(PICTURE, turns)
    expected = expected[:, ::-1] if mirror else expected
    frame = source.read(0)
    assert np.array_equal(frame.image, expected)
    assert frame.image.flags.c_contiguous
    assert (source.info.height, source.info.width) == expected.shape[:2]
    assert (source.live, source.damaged) == (False, 0)
    with pytest.raises(EndOfStream):
        source.read(0)
    source.close()


def test_an_angle_that_is_none_is_refused_before_anything_is_opened():
    with pytest.raises(SettingsError, match="45"):
        open_source("nowhere.mp4", rotate=45)


@pytest.mark.parametrize("flips", range(8))
def test_all_eight_display_matrices_are_understood(flips):
    """Against the definition in libavutil/display.h: each pixel goes where the matrix says."""
    orientation = Orientation(bool(flips & 4), bool(flips & 2), bool(flips & 1))
    turned = orientation.apply(PICTURE)
    matrix = _matrix_from(turned)
    assert Orientation.of_display_matrix(np.array(matrix, np.int32)) == orientation


def _matrix_from(turned):
    """The matrix that moves PICTURE's pixels to where they are in `turned`."""
    places = [np.argwhere((turned == PICTURE[y, x]).all(axis=2))[0] for y, x in ((0, 0), (0, 1), (1, 0))]
    (y0, x0), (y1, x1), (y2, x2) = places
    unit = 1 << 16
    return [(x1 - x0) * unit, (y1 - y0) * unit, 0, (x2 - x0) * unit, (y2 - y0) * unit, 0, 0, 0, 1 << 30]


def test_a_file_in_real_time_is_live_and_takes_its_time(clip, sound):
    times = [Fraction(n, 20) for n in range(8)]
    source = open_source(str(clip("a.mp4", times, sounds=[sound()])), realtime=True)
    assert type(source) is PacedSource
    assert source.live
    assert source.info.audio == ()  # it would not stay beside pictures that are dropped
    began = time.perf_counter()
    frames = []
    with pytest.raises(EndOfStream):
        _read_into(frames, source)
    assert time.perf_counter() - began > 0.25
    assert [frame.pts for frame in frames] == [None] * len(frames)
    first = frames[0]
    for frame in frames:  # a busy machine misses some, and comes late to others, but none is early
        due = float(times[frame.index] - times[first.index])
        assert frame.captured_at - first.captured_at > due - 0.1
    source.close()


def _read_into(frames, source):
    while True:
        frame = source.read(1.0)
        if frame is not None:
            frames.append(frame)


def test_a_slow_reader_of_a_file_in_real_time_misses_pictures(clip):
    source = open_source(str(clip("a.mp4", 30)), realtime=True)
    first = source.read(1.0)
    time.sleep(0.4)
    second = source.read(1.0)
    assert second.index > first.index + 3
    source.close()
    source.close()


def test_closing_a_file_in_real_time_does_not_wait_for_its_next_picture(clip):
    source = open_source(str(clip("a.mp4", [Fraction(0), Fraction(60)])), realtime=True)
    source.read(1.0)
    began = time.monotonic()
    source.close()
    assert time.monotonic() - began < 1.0


def test_importing_open_does_not_load_ffmpeg():
    program = f"import {open_module.__name__}, sys; print([m for m in ('av', 'numba') if m in sys.modules])"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "[]", ran.stderr
