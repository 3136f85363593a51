"""Restored faces over swapped ones, and what is given up of that where time is short."""

import numpy as np
import pytest

from liveswapping.domain.casting import Cast
from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.frame import Mask, Region
from liveswapping.domain.settings import Settings
from liveswapping.pipeline import restoring
from liveswapping.pipeline.pipeline import Pipeline
from liveswapping.pipeline.restoring import BELIEVED, OFF, Restoring
from liveswapping.pipeline.timing import Laps

IMAGE = np.full((20, 40, 3), 10, np.uint8)
LEFT, RIGHT = (Face(np.float32([x, 4, x + 10, 14]), np.zeros((5, 2), np.float32), 1.0, track_id=x) for x in (4, 24))
WHO = Identity("somebody", ())
NOTHING = Patch(np.zeros((0, 0, 3), np.uint8), np.eye(2, 3, dtype=np.float32), np.zeros((0, 0), np.float32))


def patch(face, value):
    left, top = face.box[:2]
    matrix = np.float32([[1, 0, -left], [0, 1, -top]])
    return Patch(np.full((10, 10, 3), value, np.uint8), matrix, np.ones((10, 10), np.float32))


class Brighter:
    """Restores faces to 50 more than they are; notes what it was shown."""

    def __init__(self):
        self.seen, self.said = [], []

    def swap(self, image, targets):
        self.seen.append((image, [target.face for target in targets]))
        return [
            patch(one.face, int(image[int(one.face.box[1]) + 5, int(one.face.box[0]) + 5, 0]) + 50) for one in targets
        ]

    def reset(self):
        self.said.append("reset")

    def close(self):
        self.said.append("close")


class Gentle(Brighter):
    """Can do with less itself, which saves 1 s."""

    savings, saved = ("gently",), 0

    def save(self, count):
        self.saved = count

    def cost(self, count):
        return 1.0


def targets(*faces):
    return [Target(face, WHO) for face in faces]


def test_a_restored_face_is_laid_over_the_swapped_one_where_it_is_in_sight_and_into_a_new_picture():
    restorer, image = Brighter(), IMAGE.copy()
    hidden = Mask(Region(4, 4, 10, 5), np.zeros((5, 10), np.float32))
    better = Restoring(restorer).improved(image, targets(LEFT, RIGHT), [hidden, None])
    assert (image == 10).all()
    assert (better[4:14, 24:34] == 60).all()
    assert (better[4:9, 4:14] == 10).all()
    assert (better[9:14, 4:14] == 60).all()
    assert (better[:, 34:] == 10).all()


def test_its_own_savings_come_first_and_at_last_it_is_left_out():
    restorer = Gentle()
    work = Restoring(restorer)
    assert work.savings == ("gently", OFF)
    work.save(1)
    assert restorer.saved == 1
    assert work.improved(IMAGE, targets(LEFT), [None]) is not IMAGE
    work.save(2)
    assert restorer.said == ["reset"]
    assert work.improved(IMAGE, targets(LEFT), [None]) is IMAGE
    work.save(0)
    assert restorer.saved == 0
    assert work.improved(IMAGE, targets(LEFT), [None]) is not IMAGE
    assert Restoring(None).savings == ()


def test_what_leaving_it_out_saves_is_measured_and_believed_less_while_it_is_left_out(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(restoring.time, "perf_counter", lambda: now[0])

    class Slow(Brighter):
        def swap(self, image, targets):
            now[0] += 4.0
            return super().swap(image, targets)

    work = Restoring(Slow())
    assert work.cost(1) == 0
    work.improved(IMAGE, targets(LEFT), [None])
    assert work.cost(1) == 4.0
    work.save(1)
    now[0] += BELIEVED
    assert work.cost(1) == pytest.approx(2.0)

    class SlowAndGentle(Gentle, Slow):
        pass

    both = Restoring(SlowAndGentle())
    both.improved(IMAGE, targets(LEFT), [None])
    assert (both.cost(1), both.cost(2)) == (1.0, 3.0)


class Parts:
    """An analyser that sees both faces, and an engine that has no answer for the right one yet."""

    def faces(self, image):
        return [LEFT, RIGHT]

    def swap(self, image, targets):
        return [patch(one.face, 100) if one.face is LEFT else NOTHING for one in targets]

    def reset(self):
        pass

    def close(self):
        pass


def test_only_faces_that_were_swapped_are_shown_to_the_restorer():
    restorer, parts, laps = Brighter(), Parts(), Laps()
    pipeline = Pipeline(parts, parts, Cast.of(WHO), restorer=restorer)
    done = pipeline.process(IMAGE, Settings(faces="all"), laps)
    pipeline.reset()
    pipeline.close()
    assert (done.image[4:14, 4:14] == 150).all()
    assert (done.image[4:14, 24:34] == 10).all()
    assert [faces for _, faces in restorer.seen] == [[LEFT]]
    assert "restore" in laps.stages
    assert restorer.said == ["reset", "close"]
