"""A slow engine at camera rate, on the demo's moving face, with an engine that is easy to follow: it tints."""

import time
from functools import cache

import cv2
import numpy as np
import pytest

from liveswapping.build import demo_identity, open_store
from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.look import Look
from liveswapping.domain.settings import Settings
from liveswapping.faces.builtin import builtin_analysers
from liveswapping.imaging.face_mesh import OVAL
from liveswapping.imaging.paste import paste
from liveswapping.media.demo import DemoSource
from liveswapping.swappers.mesh.engine import MeshSwapper
from liveswapping.swappers.temporal.engine import BESIDE, RESTORER, TemporalSwapper
from scripts.measures import kinds
from scripts.measures.in_between import LateLane

WHO = Identity("somebody", ())
PLAIN = Look(shape=0.0)


class Tint:
    """The face, a third darker and half as red; notes which frames it was shown."""

    def __init__(self):
        self.seen, self.closed = [], 0

    def swap(self, image, targets):
        self.seen.append(image)
        return [self._patch(image, target.face) for target in targets]

    def _patch(self, image, face):
        left, top, right, bottom = np.clip(face.box, 1, None).astype(int)
        part = (image[top:bottom, left:right] * np.array([0.66, 0.66, 0.33])).astype(np.uint8)
        matrix = np.array([[1, 0, -left], [0, 1, -top]], np.float32)
        mask = np.zeros(part.shape[:2], np.float32)
        outline = np.round(face.mesh[list(OVAL), :2] - (left, top)).astype(np.int32)
        cv2.fillPoly(mask, [outline], 1.0)
        return Patch(np.ascontiguousarray(part), matrix, cv2.blur(mask, (9, 9)) * mask)

    def close(self):
        self.closed += 1


@cache
def clip():
    """60 frames of the demo at 640×360, and the face in each."""
    store = open_store(Settings())
    still, live = (
        make(store.path) for make in (builtin_analysers()["mediapipe"].still, builtin_analysers()["mediapipe"].live)
    )
    source = DemoSource(still, size=(640, 360), seconds=2.0)
    frames = [source.read(1.0).image for _ in range(60)]
    faces = [live.faces(frame)[0] for frame in frames]
    still.close()
    live.close()
    return list(zip(frames, faces, strict=True))


def _decibels(image, face, one, other):
    pictures = []
    for patch in (one, other):
        picture = image.copy()
        paste(picture, [patch])
        left, top, right, bottom = face.box.astype(int)
        pictures.append(picture[top:bottom, left:right].astype(float))
    return 10 * np.log10(255**2 / np.mean((pictures[0] - pictures[1]) ** 2))


def _run(engine, truth, late=10, look=PLAIN, who=WHO, frames=None):
    """Decibels of every frame against what the engine itself makes of it."""
    temporal = TemporalSwapper(engine, LateLane(late))
    found = []
    for image, face in frames or clip():
        target = Target(face, who, None, look)
        wanted, shown = truth.swap(image, [target])[0], temporal.swap(image, [target])[0]
        found.append(_decibels(image, face, wanted, shown) if shown.mask.size else np.nan)
    temporal.close()
    return np.array(found)


def test_there_is_no_patch_before_the_first_answer_and_always_one_after_it():
    found = _run(Tint(), Tint())
    assert np.isnan(found[:10]).all()
    assert not np.isnan(found[10:]).any()


def test_the_built_in_engine_is_followed_closely_between_its_answers():
    who = demo_identity(Settings())
    found = _run(MeshSwapper(), MeshSwapper(), who=who)
    assert np.median(found[20:]) > 34


def test_an_engine_that_only_tints_is_followed_by_carrying_what_it_changed():
    assert np.median(_run(Tint(), Tint())[20:]) > 29


def test_the_engine_is_asked_about_the_newest_frame_and_only_when_it_is_free():
    engine = Tint()
    _run(engine, Tint())
    shown = [next(n for n, (image, _) in enumerate(clip()) if image is seen) for seen in engine.seen]
    assert shown[0] == 0
    assert (np.diff(shown) >= 10).all()


def test_a_face_that_stands_still_is_not_asked_about_again_and_again():
    engine = Tint()
    _run(engine, Tint(), frames=clip()[:1] * 50)
    assert len(engine.seen) == 1


def test_a_lost_face_a_cut_and_a_reset_drop_what_is_remembered_at_once():
    image, face = clip()[0]
    target = Target(face, WHO, None, PLAIN)
    moved = Face(face.box + 200, face.keypoints + 200, 1.0, face.mesh + np.float32(200), track_id=face.track_id)

    def warm():
        temporal = TemporalSwapper(Tint(), LateLane(1))
        temporal.swap(image, [target])
        assert temporal.swap(image, [target])[0].mask.size
        return temporal

    lost = warm()
    lost.swap(image, [])
    assert not lost.swap(image, [target])[0].mask.size
    assert not warm().swap(image, [Target(moved, WHO, None, PLAIN)])[0].mask.size
    anew = warm()
    anew.reset()
    assert not anew.swap(image, [target])[0].mask.size


def test_answers_for_another_person_replace_the_old_ones_and_not_before():
    image, face = clip()[0]
    temporal = TemporalSwapper(Tint(), LateLane(2))
    one, other = (Target(face, Identity(name, ()), None, PLAIN) for name in ("one", "other"))
    for target in (one, one, one, other):
        patch = temporal.swap(image, [target])[0]
    assert patch.mask.size
    for _ in range(4):
        temporal.swap(image, [other])
    memory = temporal._memories[face.track_id]
    assert {key.identity.name for key in memory.keys} == {"other"}


def test_an_engine_that_fails_is_heard_and_asked_again():
    class Broken(Tint):
        def swap(self, image, targets):
            if not self.seen:
                self.seen.append(image)
                raise RuntimeError("broken")
            return super().swap(image, targets)

    temporal = TemporalSwapper(Broken())
    image, face = clip()[0]
    target = Target(face, WHO, None, PLAIN)
    temporal.swap(image, [target])
    with pytest.raises(RuntimeError, match="broken"):
        _until_answered(temporal, image, target)
    assert _until_answered(temporal, image, target).mask.size
    temporal.close()


def _until_answered(temporal, image, target):
    for _ in range(2000):
        patch = temporal.swap(image, [target])[0]
        if patch.mask.size:
            return patch
        time.sleep(0.002)
    raise AssertionError("no answer")


def test_it_waits_for_the_engine_until_told_to_save_and_carries_its_last_answer_from_then_on():
    engine = Tint()
    temporal = TemporalSwapper(engine, LateLane(50), always=False)
    assert temporal.savings[0] == BESIDE
    for image, face in clip()[:3]:
        shown = temporal.swap(image, [Target(face, WHO, None, PLAIN)])[0]
    assert len(engine.seen) == 3
    assert temporal.cost(1) < 0  # so quick an engine need not work beside the picture
    temporal.save(1)
    image, face = clip()[3]
    shown = temporal.swap(image, [Target(face, WHO, None, PLAIN)])[0]
    assert shown.mask.any()
    temporal.close()
    assert engine.closed == 1


def test_beside_the_picture_it_is_asked_as_often_as_the_rung_says():
    spent = {}
    for count in (1, 2):
        engine = Tint()
        temporal = TemporalSwapper(engine, LateLane(1), always=False, rungs=RESTORER)
        assert len(temporal.savings) == 2
        temporal.save(count)
        for image, face in clip()[:30]:
            temporal.swap(image, [Target(face, WHO, None, PLAIN)])
        spent[count] = len(engine.seen)
        temporal.close()
    assert spent[1] > 2 * spent[2]
    assert spent[2] == 3


def test_what_the_engine_itself_can_give_up_is_told_to_it_with_its_next_job_and_helps_nobody_beside_the_picture():
    class Sized(Tint):
        savings, told = ("smaller",), 0

        def save(self, count):
            self.told = count

        def cost(self, count):
            return 0.25

    engine = Sized()
    temporal = TemporalSwapper(engine, LateLane(2), always=False)
    image, face = clip()[0]
    assert (temporal.engine.savings, temporal.engine.cost(1)) == (("smaller",), 0.25)
    temporal.engine.save(1)
    assert engine.told == 0
    temporal.swap(image, [Target(face, WHO, None, PLAIN)])
    assert engine.told == 1
    temporal.save(1)
    assert temporal.engine.cost(1) < 0
    temporal.close()


def test_what_a_restorer_makes_of_a_swapped_face_is_carried_on_the_swapped_face_of_now():
    """The engine is quick and answers every frame; the restorer's answers are a third of a second late."""
    swapper, truth, restorer = kinds.Mixed(), kinds.Sharpened(), TemporalSwapper(kinds.Sharpened(), LateLane(10))
    found, without = [], []
    for image, face in clip():
        target, swapped = Target(face, WHO, None, PLAIN), image.copy()
        paste(swapped, swapper.swap(image, [target]))
        wanted, shown = truth.swap(swapped, [target])[0], restorer.swap(swapped, [target])[0]
        nothing = Patch(shown.image, shown.matrix, np.zeros_like(shown.mask))
        if shown.mask.size:
            found.append(_decibels(swapped, face, wanted, shown))
            without.append(_decibels(swapped, face, wanted, nothing))
    restorer.close()
    assert np.median(found[20:]) > np.median(without[20:]) + 3


@pytest.mark.parametrize(
    ("kind", "decibels"),
    [(kinds.Negative, 38), (kinds.Mixed, 38), (kinds.Other, 36), (kinds.Bulged, 36)],
)
def test_after_a_few_answers_engines_of_all_kinds_are_followed_closely(kind, decibels):
    assert np.median(_run(kind(), kind())[30:]) > decibels
