from __future__ import annotations

import threading
import time

import cv2
import numpy as np
import pytest

from liveswapping.domain.errors import EndOfStream, SourceError
from liveswapping.media import camera as camera_module
from liveswapping.media import live as live_module
from liveswapping.media.camera import Camera
from liveswapping.media.camera_list import CameraInfo, find_camera, list_cameras
from liveswapping.media.capture import Wish, open_capture
from liveswapping.media.live import LiveState

DESK, ROOM = CameraInfo(0, "Desk Camera", "V4L2"), CameraInfo(2, "Room Camera", "V4L2")
PATIENCE = 5.0


class Hardware:
    """A computer with cameras that can be unplugged, slow, black, hung: the other side of `open_device`.

    It stands where OpenCV's capture stands, under the camera's real thread.
    """

    def __init__(self, present=(DESK, ROOM)):
        self.present = list(present)
        self.opened = []
        self.released = 0
        self.picture = np.full((48, 64, 3), 90, np.uint8)
        self.rate = 200.0
        self.formats = {"MJPG", "YUYV"}
        self.deaf_formats = set()
        self.hang = threading.Event()
        self.hang.set()

    def open(self, index):
        device = Device(self, index)
        self.opened.append(device)
        return device

    def cameras(self):
        return tuple(self.present)


class Device:
    def __init__(self, hardware, index):
        self._hardware = hardware
        self._index = index
        self.properties = {cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"YUYV"))}
        self.asked = []

    @property
    def fourcc(self):
        return int(self.properties[cv2.CAP_PROP_FOURCC]).to_bytes(4, "little").decode()

    def grab(self):
        self._hardware.hang.wait()
        time.sleep(1 / self._hardware.rate)
        present = any(one.index == self._index for one in self._hardware.present)
        return present and self.fourcc not in self._hardware.deaf_formats

    def retrieve(self):
        picture = self._hardware.picture
        if isinstance(picture, Exception):
            raise picture
        return picture is not None, picture

    def get(self, prop):
        return self.properties.get(prop, 0.0)

    def set(self, prop, value):
        self.asked.append(prop)
        if prop == cv2.CAP_PROP_FOURCC and int(value).to_bytes(4, "little").decode() not in self._hardware.formats:
            return False
        self.properties[prop] = value
        return True

    def release(self):
        self._hardware.released += 1


@pytest.fixture
def hardware(monkeypatch):
    monkeypatch.setattr(camera_module, "_FIRST_RETRY", 0.01)
    monkeypatch.setattr(camera_module, "_LONGEST_RETRY", 0.04)
    monkeypatch.setattr(camera_module, "_FAILURE_PAUSE", 0.001)
    return Hardware()


@pytest.fixture
def opened(hardware):
    """`opened(spec, …)` opens a camera of the hardware; it is closed after the test."""
    cameras = []

    def open_camera(spec=0, **wishes):
        camera = Camera(spec, open_device=hardware.open, cameras=hardware.cameras, **wishes)
        cameras.append(camera)
        return camera

    yield open_camera
    hardware.hang.set()
    for camera in cameras:
        camera.close()


def until(condition, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)


def drain(camera):
    while camera.read(0) is not None:
        pass


def test_pictures_come_newest_first_and_are_stamped_when_they_were_taken(hardware, opened):
    camera = opened(0)
    before = camera.read(1.0)
    time.sleep(0.1)
    frame = camera.read(1.0)
    assert camera.live
    assert frame.pts is None
    assert frame.index > before.index + 5  # those in between were dropped
    assert time.perf_counter() - frame.captured_at < 0.2
    assert np.array_equal(frame.image, hardware.picture)
    assert camera.read(0.0) is None


def test_a_camera_is_found_by_index_and_by_a_part_of_its_name(hardware, opened):
    for spec, index in ((2, 2), ("2", 2), ("room", 2), ("Desk Camera", 0), ("", 0)):
        opened(spec)
        assert hardware.opened[-1]._index == index


def test_a_missing_camera_is_one_line_that_names_those_there_are(hardware, opened):
    for spec, message in (
        (7, r"there is no camera 7: there is 0 \(Desk Camera\), 2 \(Room Camera\)"),
        ("kitchen", r"no camera named 'kitchen': there is 0 \(Desk Camera\), 2"),
    ):
        with pytest.raises(SourceError, match=message) as caught:
            opened(spec)
        assert "\n" not in str(caught.value)
    hardware.present.clear()
    with pytest.raises(SourceError, match="no camera was found"):
        opened(0)


def test_a_camera_that_another_program_holds_is_called_that(hardware, opened):
    hardware.deaf_formats = {"MJPG", "YUYV"}
    with pytest.raises(SourceError, match=r"camera 0 \(Desk Camera\) gives no picture: another program"):
        opened(0)
    assert hardware.released == len(hardware.opened)


def test_a_camera_that_never_answers_is_given_up(hardware, opened, monkeypatch):
    monkeypatch.setattr(camera_module, "_OPEN_WITHIN", 0.1)
    monkeypatch.setattr(live_module, "_CLOSE_WITHIN", 0.1)
    hardware.hang.clear()
    with pytest.raises(SourceError, match="gives no picture"):
        opened(0)
    hardware.hang.set()


def test_mjpg_is_asked_for_where_plain_pictures_would_be_slow_and_nowhere_else(hardware, opened):
    for wishes, fourcc in (
        ({"width": 1920, "height": 1080}, "MJPG"),
        ({}, "MJPG"),
        ({"width": 640, "height": 480}, "YUYV"),
        ({"width": 640, "height": 480, "fps": 90}, "MJPG"),
        ({"fourcc": "MJPG", "width": 320, "height": 240}, "MJPG"),
    ):
        camera = opened(0, **wishes)
        assert camera.negotiated.fourcc == fourcc, wishes


def test_a_camera_that_is_deaf_in_mjpg_is_used_in_what_it_likes(hardware, opened):
    hardware.deaf_formats = {"MJPG"}
    camera = opened(0)
    assert camera.read(1.0) is not None
    assert camera.negotiated.fourcc == "YUYV"
    hardware.formats = {"YUYV"}  # refuses rather than fails
    assert opened(0).negotiated.fourcc == "YUYV"


def test_what_was_really_negotiated_is_measured(hardware, opened):
    hardware.rate = 50.0
    camera = opened(0, width=1280, height=720, fps=60)
    until(lambda: camera.negotiated.fps > 0)
    time.sleep(0.4)
    assert (camera.negotiated.width, camera.negotiated.height) == (64, 48)
    assert 10 < camera.negotiated.fps < 52
    assert (camera.info.width, camera.info.height) == (64, 48)
    assert "Desk Camera" in camera.info.name
    asked = hardware.opened[-1].properties
    assert (asked[cv2.CAP_PROP_FRAME_WIDTH], asked[cv2.CAP_PROP_FPS]) == (1280, 60)


def test_an_unplugged_camera_comes_back(hardware, opened):
    camera = opened("Room")
    index = camera.read(1.0).index
    for _ in range(2):
        hardware.present.remove(ROOM)
        until(lambda: camera.state is LiveState.LOST)
        drain(camera)
        assert camera.read(0.05) is None
        hardware.present.append(ROOM)
        until(lambda: camera.state is LiveState.LIVE)
        frame = camera.read(1.0)
        assert frame.index > index
        index = frame.index
    assert hardware.released == len(hardware.opened) - 1


def test_a_camera_chosen_by_name_is_found_under_another_index(hardware, opened):
    camera = opened("Room")
    hardware.present.remove(ROOM)
    until(lambda: camera.state is LiveState.LOST)
    hardware.present.append(CameraInfo(5, "Room Camera", "V4L2"))
    until(lambda: camera.state is LiveState.LIVE)
    assert hardware.opened[-1]._index == 5


def test_waiting_for_a_lost_camera_backs_off(hardware, opened, monkeypatch):
    monkeypatch.setattr(camera_module, "_LONGEST_RETRY", 0.1)
    camera = opened(0)
    hardware.present.clear()
    until(lambda: camera.state is LiveState.LOST)
    before = len(hardware.opened)
    time.sleep(0.5)
    assert 2 <= len(hardware.opened) - before <= 20  # two formats for each attempt


def test_a_driver_that_falls_silent_counts_as_lost(hardware, opened, monkeypatch):
    monkeypatch.setattr(camera_module, "_STALLED_AFTER", 0.1)
    camera = opened(0)
    hardware.hang.clear()
    until(lambda: camera.state is LiveState.LOST)
    hardware.hang.set()
    until(lambda: camera.state is LiveState.LIVE)


def test_a_hanging_driver_does_not_hold_up_closing(hardware, opened, monkeypatch):
    monkeypatch.setattr(live_module, "_CLOSE_WITHIN", 0.2)
    camera = opened(0)
    hardware.hang.clear()
    began = time.monotonic()
    camera.close()
    assert time.monotonic() - began < 1.0
    assert camera.state is LiveState.CLOSED
    hardware.hang.set()


def test_closing_gives_the_camera_back_and_ends_the_stream(hardware, opened):
    camera = opened(0)
    camera.close()
    camera.close()
    assert hardware.released == len(hardware.opened)
    drain_to_end(camera)


def drain_to_end(camera):
    with pytest.raises(EndOfStream):
        drain(camera)


def test_pictures_of_another_size_or_kind_are_delivered_as_bgr(hardware, opened):
    camera = opened(0)
    grey = np.full((30, 40), 120, np.uint8)
    yuyv = np.full((30, 40, 2), 128, np.uint8)
    bgra = np.full((30, 40, 4), 70, np.uint8)
    for odd in (grey, yuyv, bgra):
        hardware.picture = odd
        until(lambda: camera.negotiated.width == 40)
        time.sleep(0.02)
        drain(camera)
        frame = camera.read(1.0)
        assert frame.image.shape == (30, 40, 3)
        assert frame.image.dtype == np.uint8
        hardware.picture = np.full((48, 64, 3), 90, np.uint8)
        until(lambda: camera.negotiated.width == 64)


NO_PICTURES = [None, np.zeros((0, 0, 3), np.uint8), np.zeros((4, 4), np.float32), cv2.error("half a JPEG")]


@pytest.mark.parametrize("broken", NO_PICTURES)
def test_pictures_that_are_none_are_counted_and_the_camera_started_again(hardware, opened, broken):
    camera = opened(0)
    opened_before = len(hardware.opened)
    hardware.picture = broken
    until(lambda: len(hardware.opened) > opened_before)
    assert camera.damaged >= 10
    hardware.picture = np.full((48, 64, 3), 90, np.uint8)
    until(lambda: camera.state is LiveState.LIVE)


def test_a_covered_camera_is_delivered_and_called_black(hardware, opened):
    camera = opened(0)
    hardware.picture = np.full((48, 64, 3), 3, np.uint8)
    until(lambda: camera.state is LiveState.BLACK)
    assert camera.read(1.0) is not None
    hardware.picture = np.full((48, 64, 3), 90, np.uint8)
    until(lambda: camera.state is LiveState.LIVE)


def test_a_name_that_is_a_whole_name_wins_over_a_part():
    cameras = (CameraInfo(0, "Cam Pro", ""), CameraInfo(1, "cam", ""))
    assert find_camera("CAM", cameras).index == 1
    assert find_camera("pro", cameras).index == 0
    assert find_camera("9", cameras) == CameraInfo(9, "", "")


def test_listing_never_raises(monkeypatch):
    def broken(backend):
        raise RuntimeError("the service is away")

    monkeypatch.setattr("cv2_enumerate_cameras.enumerate_cameras", broken)
    assert list_cameras() == ()


def test_cameras_are_listed_by_index_with_their_names(monkeypatch):
    class Found:
        def __init__(self, index, name):
            self.index, self.name = index, name

    found = [Found(3, "B"), Found(1, "")]
    monkeypatch.setattr("cv2_enumerate_cameras.enumerate_cameras", lambda backend: found)
    assert [(one.index, one.name) for one in list_cameras()] == [(1, "camera 1"), (3, "B")]


def test_opencv_says_nothing_of_a_camera_that_is_not_there(capfd):
    device = open_capture(93)
    assert not device.grab()
    device.release()
    assert capfd.readouterr() == ("", "")


def test_a_wish_for_a_format_is_the_only_one_tried():
    assert Wish(fourcc="NV12").fourccs == ("NV12",)
