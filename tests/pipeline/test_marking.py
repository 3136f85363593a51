import logging
from dataclasses import replace

import numpy as np
import pytest

from liveswapping.domain.face import Face
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.marking import Marker, marked_still
from liveswapping.pipeline.pipeline import Swapped
from liveswapping.pipeline.runner import Runner
from tests.pipeline.test_runner import Camera, File, Keeper, _pipeline


def _face(*box):
    return Face(np.float32(box), np.zeros((5, 2), np.float32), 1.0)


@pytest.fixture
def image():
    return np.full((360, 640, 3), 90, np.uint8)


def test_a_picture_is_labelled_in_a_copy_unless_it_may_be_written(image):
    marked = Marker().mark(image, image, Swapped(image, 0, 0), True)
    assert (image == 90).all()
    assert (marked != 90).any()
    assert Marker().mark(image, image, None, True, writable=True) is image
    assert (image == marked).all()


def test_no_face_is_covered_neither_a_swapped_one_nor_another(image):
    others, chosen = [_face(400, 250, 639, 359)], [_face(0, 250, 200, 359)]
    marked = Marker().mark(image, image, Swapped(image, 2, 1, chosen, others), True)
    assert (marked != 90).any()
    for face in (*others, *chosen):
        left, top, right, bottom = face.box.astype(int)
        assert (marked[top:bottom, left:right] == 90).all()


def test_faces_of_an_enlarged_picture_are_where_they_are_in_it(image):
    large = np.full((720, 1280, 3), 90, np.uint8)
    marked = Marker().mark(large, image, Swapped(large, 1, 1, [_face(400, 250, 639, 359)]), True)
    assert (marked != 90).any()
    assert (marked[500:718, 800:1278] == 90).all()


def test_no_label_is_said_once(image, caplog):
    marker = Marker()
    with caplog.at_level(logging.INFO, "liveswapping"):
        assert all(marker.mark(image, image, None, False) is image for _ in range(5))
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "label" in caplog.text


def test_a_single_picture_is_labelled_as_the_settings_have_it(image):
    done = Swapped(image, 0, 0)
    assert (marked_still(done, image, Settings()).image != image).any()
    assert marked_still(done, image, Settings(label=False)).image is image


def test_every_sink_gets_the_label_and_it_can_be_switched_while_the_run_goes_on():
    keepers = [Keeper(), Keeper()]

    class Switching(File):
        def read(self, timeout):
            frame = super().read(timeout)
            if frame is not None:
                frame = replace(frame, image=np.full((180, 320, 3), frame.image.flat[0], np.uint8))
            return frame

    runner = Runner(Switching(4), _pipeline(), keepers, Settings(), marker=Marker())
    runner.run()
    plain = Keeper()
    Runner(Switching(4), _pipeline(), [plain], Settings(label=False), marker=Marker()).run()
    for labelled in keepers:
        assert len(labelled.frames) == 4
        assert all((one.image != other.image).any() for one, other in zip(labelled.frames, plain.frames, strict=True))


def test_a_covered_picture_is_labelled_too():
    keeper = Keeper()

    class Wide(Camera):
        def read(self, timeout):
            frame = super().read(timeout)
            return None if frame is None else replace(frame, image=np.zeros((180, 320, 3), np.uint8))

    runner = Runner(Wide(), _pipeline(), [keeper], Settings(no_face="black"), marker=Marker())
    _stop_after(runner, keeper, 3)
    assert all(frame.image.any() for frame in keeper.frames)


def _stop_after(runner, keeper, count):
    really = keeper.write

    def write(frame):
        really(frame)
        if len(keeper.frames) >= count:
            runner.stop()

    keeper.write = write
    runner.run()
