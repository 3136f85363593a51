import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import pyvirtualcam

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.imaging.letterbox import letterboxed
from liveswapping.media import virtual_camera, virtual_devices
from liveswapping.media.virtual_camera import CameraState, VirtualCamera
from liveswapping.media.virtual_devices import VirtualDevice, advice

BACKEND = "made for tests"


class Driver:
    """What a machine with one virtual camera does. A backend of pyvirtualcam, registered for the test."""

    there = True
    sizes = None
    formats = None
    file = "made-up camera"
    opened: list["Driver"]

    def __init__(self, *, width, height, fps, fourcc, device):
        pixels = next(name for name in pyvirtualcam.PixelFormat if _number(name.value) == fourcc).name
        if not self.there or device not in (None, self.file):
            raise RuntimeError("no such camera")
        if self.sizes is not None and (width, height) not in self.sizes:
            raise RuntimeError("size not supported")
        if self.formats is not None and pixels not in self.formats:
            raise RuntimeError("format not supported")
        self.size, self.fps, self.pixels, self.frames, self.closed = (width, height), fps, pixels, [], 0
        self.opened.append(self)

    def send(self, frame):
        if not self.there:
            raise RuntimeError("the device does not answer")
        self.frames.append(frame.copy())

    def close(self):
        self.closed += 1

    def device(self):
        return self.file

    def native_fourcc(self):
        return None


def _number(fourcc):
    return pyvirtualcam.util.encode_fourcc(fourcc)


@pytest.fixture
def driver(monkeypatch):
    one = type("OneDriver", (Driver,), {"opened": []})
    monkeypatch.setitem(pyvirtualcam.camera.BACKENDS, BACKEND, one)
    pyvirtualcam.register_backend(BACKEND, one)
    return one


class Hours:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def hours():
    return Hours()


@pytest.fixture
def camera(driver, hours):
    made = []

    def make(device=None, **options):
        said = []
        made.append(VirtualCamera(device, backend=BACKEND, say=said.append, clock=hours, **options))
        return made[-1], said

    yield make
    for one in made:
        one.close()


def frame(picture):
    return Frame(picture, 0, 0.0)


def seen(driver):
    """The last picture as a program that watches the camera has it, BGR."""
    width, height = driver.size
    flat = driver.frames[-1]
    back = {
        "I420": (cv2.COLOR_YUV2BGR_I420, (height * 3 // 2, width)),
        "NV12": (cv2.COLOR_YUV2BGR_NV12, (height * 3 // 2, width)),
        "YUYV": (cv2.COLOR_YUV2BGR_YUY2, (height, width, 2)),
        "UYVY": (cv2.COLOR_YUV2BGR_UYVY, (height, width, 2)),
        "RGB": (cv2.COLOR_RGB2BGR, (height, width, 3)),
        "RGBA": (cv2.COLOR_RGBA2BGR, (height, width, 4)),
    }
    if driver.pixels == "BGR":
        return flat.reshape(height, width, 3)
    code, shape = back[driver.pixels]
    return cv2.cvtColor(flat.reshape(shape), code)


@pytest.mark.parametrize("pixels", list(virtual_camera.FORMATS))
def test_whatever_format_the_camera_takes_the_colours_are_right(driver, camera, usual_picture, pixels):
    driver.formats = (pixels,)
    picture = usual_picture(320, 240)
    sink, _ = camera(fps=25)
    sink.write(frame(picture))
    assert (driver.opened[0].size, driver.opened[0].fps, driver.opened[0].pixels) == ((320, 240), 25, pixels)
    assert np.abs(seen(driver.opened[0]).astype(int) - picture).mean() < 2


def test_a_camera_with_a_size_of_its_own_shows_all_of_the_picture_in_it(driver, camera, usual_picture):
    driver.sizes = ((1280, 720),)
    sink, said = camera()
    sink.write(frame(usual_picture(640, 480)))
    shown = seen(driver.opened[0])
    assert shown.shape == (720, 1280, 3)
    assert shown[:, :150].max() < 12  # black beside it, within what chroma at half resolution leaves
    assert shown[360, 640].max() > 80
    assert "1280×720" in said[0]


def test_odd_sides_are_made_even_and_later_sizes_fit_into_the_first(driver, camera, usual_picture):
    sink, _ = camera()
    sink.write(frame(usual_picture(97, 65)))
    sink.write(frame(usual_picture(200, 300)))
    assert driver.opened[0].size == (98, 66)
    assert len(driver.opened) == 1
    assert len(driver.opened[0].frames) == 2


def test_it_waits_for_a_camera_says_once_what_to_do_and_starts_when_there_is_one(driver, camera, hours, usual_picture):
    driver.there = False
    sink, said = camera()
    for _ in range(5):
        sink.write(frame(usual_picture(64, 48)))
        hours.now += 0.7
    assert sink.state is CameraState.WAITING
    assert len(said) == 1
    assert "no such camera" in said[0]
    assert advice() in said[0]
    driver.there = True
    hours.now += 1.0
    sink.write(frame(usual_picture(64, 48)))
    assert sink.state is CameraState.LIVE
    assert len(driver.opened[0].frames) == 1
    assert "is on" in said[-1]


def test_a_camera_that_vanishes_is_fed_again_when_it_is_back(driver, camera, hours, usual_picture):
    sink, said = camera()
    sink.write(frame(usual_picture(64, 48)))
    driver.there = False
    sink.write(frame(usual_picture(64, 48)))
    assert sink.state is CameraState.WAITING
    assert "lost (the device does not answer)" in said[-1]
    assert driver.opened[0].closed == 1
    driver.there = True
    sink.write(frame(usual_picture(64, 48)))  # not at once: nobody hammers at a door
    assert sink.state is CameraState.WAITING
    hours.now += 1.5
    sink.write(frame(usual_picture(64, 48)))
    assert sink.state is CameraState.LIVE
    assert len(driver.opened) == 2


def test_a_device_file_that_goes_away_is_noticed_though_the_driver_says_nothing(
    driver, camera, hours, usual_picture, tmp_path
):
    device = tmp_path / "video9"
    device.touch()
    driver.file = str(device)
    sink, said = camera()
    sink.write(frame(usual_picture(64, 48)))
    device.unlink()
    hours.now += 2.0
    sink.write(frame(usual_picture(64, 48)))
    assert driver.opened[0].closed == 1
    assert "its device has gone" in said[-1]


def test_a_camera_is_found_by_the_name_that_other_programs_show(driver, camera, usual_picture, monkeypatch):
    known = (VirtualDevice("other", "Dummy"), VirtualDevice(driver.file, "LiveSwapping"))
    monkeypatch.setattr(virtual_camera, "virtual_devices", lambda: known)
    sink, _ = camera("liveswap")
    sink.write(frame(usual_picture(64, 48)))
    assert sink.description.startswith(driver.file)


def test_closing_lets_go_of_the_camera_once(driver, camera, usual_picture):
    sink, _ = camera()
    sink.write(frame(usual_picture(64, 48)))
    sink.close()
    sink.close()
    assert driver.opened[0].closed == 1


def test_a_missing_package_is_one_line_with_the_command_that_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(SinkError, match=r"-m pip install pyvirtualcam==\d") as caught:
        VirtualCamera()
    assert "\n" not in str(caught.value)


def test_the_command_names_the_version_that_the_tests_ran_with():
    pins = Path(__file__).parents[2] / "requirements" / "virtual-camera.txt"
    assert virtual_devices.PACKAGE in pins.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("system", "words"), [("Linux", "v4l2loopback"), ("Windows", "OBS Studio"), ("Darwin", "Start Virtual Camera")]
)
def test_each_system_has_its_own_advice(system, words, tmp_path, monkeypatch):
    monkeypatch.setattr(virtual_devices, "_registered", lambda _: False)
    monkeypatch.setattr(virtual_devices, "_OBS_MACOS", tmp_path / "none")
    assert words in advice(system, tmp_path / "none")


def test_virtual_cameras_of_linux_are_the_loopback_devices_ours_first(tmp_path):
    assert virtual_devices.virtual_devices("Linux", tmp_path / "none") == ()
    for device, name in (("video8", "Dummy"), ("video9", "LiveSwapping")):
        (tmp_path / device).mkdir()
        (tmp_path / device / "name").write_text(f"{name}\n", encoding="utf-8")
    found = virtual_devices.virtual_devices("Linux", tmp_path)
    assert [(one.device, one.name) for one in found] == [("/dev/video9", "LiveSwapping"), ("/dev/video8", "Dummy")]
    assert "usermod" in advice("Linux", tmp_path)


def test_a_letterbox_keeps_the_same_size_and_repeats_what_lacks(usual_picture):
    picture = usual_picture(97, 65)
    assert letterboxed(picture, 97, 65) is picture
    grown = letterboxed(picture, 98, 66)
    assert np.array_equal(grown[:65, :97], picture)
    assert np.array_equal(grown[65, :97], picture[64])
