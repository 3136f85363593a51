"""What leaves by every output, and that none of them holds up the run."""

import contextlib
import re
import socket
import threading
import time
import urllib.request
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import pyvirtualcam

from liveswapping.domain.errors import SinkError
from liveswapping.domain.face import Face, Identity, Patch
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


class Two(Nobody):
    """An analyser that finds a face on each side, and an engine that has no answer for the chosen one."""

    def faces(self, image):
        boxes = np.float32([[10, 30, 60, 90], [100, 30, 150, 90]])
        return [Face(box, np.float32([[box[0], 60]] * 5), 1.0, track_id=n) for n, box in enumerate(boxes)]

    def swap(self, image, targets):
        nothing = np.zeros((0, 0), np.float32)
        return [Patch(np.zeros((0, 0, 3), np.uint8), np.eye(2, 3, dtype=np.float32), nothing) for _ in targets]


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


class Receiver:
    """Somebody who watches a stream on a thread of its own."""

    def __init__(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind(("127.0.0.1", 0))
            self.url = f"udp://127.0.0.1:{one.getsockname()[1]}"
        self.pictures, self._done = [], threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        options = {"probesize": "500000", "analyzeduration": "1500000"}
        while not self._done.is_set():
            with contextlib.suppress(av.error.FFmpegError), av.open(self.url, options=options, timeout=5.0) as stream:
                for picture in stream.decode(video=0):
                    self.pictures.append(picture.to_ndarray(format="bgr24"))
                    if self._done.is_set():
                        break

    def close(self):
        self._done.set()
        self._thread.join()


def test_a_face_that_nobody_chose_is_blurred_wherever_the_picture_goes(watched, tmp_path):
    said, receiver = [], Receiver()
    wanted = Outputs(
        record=tmp_path / "a.mkv", virtual_camera=ANY, screenshot=tmp_path / "a.png", mjpeg=0, streams=(receiver.url,)
    )
    settings = Settings(faces="leftmost", no_face="pass", others="blur")
    pipeline = Pipeline(Two(), Two(), Identity("somebody", ()))
    runner = Runner(Camera(), pipeline, open_outputs(wanted, LIKE, said.append), settings)
    running = threading.Thread(target=runner.run)
    running.start()
    until(lambda: watched.pictures and len(receiver.pictures) > 2)
    page = next(match[0] for line in said if (match := re.search(r"http://[\d.:]+", line)))
    with urllib.request.urlopen(f"{page}/snapshot.jpg") as answer:
        seen = cv2.imdecode(np.frombuffer(answer.read(), np.uint8), cv2.IMREAD_COLOR)
    receiver.close()
    runner.stop()
    running.join()
    left = {
        "camera": watched.pictures[-1],
        "browser": seen,
        "stream": receiver.pictures[-1],
        "recording": pictures_in(tmp_path / "a.mkv")[-1],
        "picture": cv2.imread(str(tmp_path / "a.png")),
    }
    for name, picture in left.items():
        assert contrast(picture[40:80, 20:50]) > 40, name
        assert contrast(picture[40:80, 110:140]) < 12, name


def until(condition):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


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
