"""What leaves by every output, and that none of them holds up the run."""

import threading
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import pyvirtualcam

from liveswapping.domain.errors import SinkError
from liveswapping.domain.face import Identity
from liveswapping.domain.frame import Frame
from liveswapping.domain.settings import Settings
from liveswapping.media.info import SourceInfo
from liveswapping.outputs import ANY, Outputs, open_outputs
from liveswapping.pipeline.limit import Limited
from liveswapping.pipeline.pipeline import Pipeline
from liveswapping.pipeline.runner import Runner

SIZE = (160, 120)
LIKE = SourceInfo("test", *SIZE)


class Camera:
    """A picture with edges everywhere: a chessboard of single pixels."""

    live = True

    def __init__(self):
        self._index = -1
        rows, columns = np.indices(SIZE[::-1])
        self.picture = np.repeat(((rows // 2 + columns // 2) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)

    def read(self, timeout):
        time.sleep(0.005)
        self._index += 1
        return Frame(self.picture, self._index, time.perf_counter())

    def close(self):
        pass


class Nobody:
    """An analyser and an engine: there is no face."""

    def faces(self, image):
        return []

    def reset(self):
        pass

    def swap(self, image, targets):
        return []

    def close(self):
        pass


class Watched:
    """A virtual camera, as a backend of pyvirtualcam, and who watches it."""

    pictures: list[np.ndarray]

    def __init__(self, *, width, height, fps, fourcc, device):
        if device is not None or fourcc != pyvirtualcam.util.encode_fourcc("I420"):
            raise RuntimeError("not this one")
        self._shape = height * 3 // 2, width

    def send(self, frame):
        self.pictures.append(cv2.cvtColor(frame.reshape(self._shape), cv2.COLOR_YUV2BGR_I420))

    def close(self):
        pass

    def device(self):
        return "watched"

    def native_fourcc(self):
        return None


@pytest.fixture
def watched(monkeypatch):
    one = type("OneWatched", (Watched,), {"pictures": []})
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    pyvirtualcam.register_backend("watched", one)
    monkeypatch.setattr("liveswapping.media.virtual_camera.virtual_devices", lambda: ())
    return one


def contrast(picture):
    """How much neighbours differ: 255 between black and white ones, 0 in a blurred picture."""
    return np.abs(np.diff(picture.astype(int), axis=1)).mean()


def run(sinks, frames, settings=None):
    nobody = Nobody()
    pipeline = Pipeline(nobody, nobody, Identity("somebody", ()))
    return Runner(Limited(Camera(), frames, None), pipeline, sinks, settings or Settings()).run()


def pictures_in(path):
    with av.open(str(path)) as container:
        return [one.to_ndarray(format="bgr24") for one in container.decode(video=0)]


@pytest.mark.parametrize(("policy", "low", "high"), [(None, 0, 8), ("black", 0, 0.5), ("pass", 60, 200)])
def test_privacy_holds_for_everything_that_leaves(watched, tmp_path, policy, low, high):
    wanted = Outputs(record=tmp_path / "a.mkv", virtual_camera=ANY, screenshot=tmp_path / "a.png")
    run(open_outputs(wanted, LIKE, lambda _: None), 6, Settings(no_face=policy))
    left = [*watched.pictures, *pictures_in(tmp_path / "a.mkv"), cv2.imread(str(tmp_path / "a.png"))]
    assert len(left) >= 3
    assert all(low <= contrast(picture) <= high for picture in left), [contrast(picture) for picture in left]


def test_a_dead_output_holds_up_neither_the_run_nor_its_end(watched):
    freed, returned = threading.Event(), []

    def hang(self, frame):
        freed.wait(300)
        returned.append(frame)

    watched.send = hang
    sinks = open_outputs(Outputs(virtual_camera=ANY), LIKE, lambda _: None)
    status = run(sinks, 40)
    assert status.frames_delivered == 40
    assert returned == []
    freed.set()


def test_where_one_output_cannot_be_opened_none_stays_open(tmp_path):
    wanted = Outputs(record=tmp_path / "a.mp4", screenshot=tmp_path / "a.xyz")
    with pytest.raises(SinkError, match="picture format"):
        open_outputs(wanted, LIKE, lambda _: None)
    assert list(Path(tmp_path).iterdir()) == []


def test_the_address_for_browsers_is_told():
    said = []
    sinks = open_outputs(Outputs(mjpeg=0), LIKE, said.append)
    sinks[0].close()
    assert "http://127.0.0.1:" in said[0]
    assert "/stream.mjpg" in said[0]
