"""What is in front of a face stays in front, with the real analyser, on a face nobody tuned this for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.masks.occlusion import FORGOTTEN, MOST_TRACKS, OcclusionMasker
from scripts.occluders import OCCLUDERS, palm
from tests.masks.moving import Shot, behind, on_face, shares, sway, visible

FRAMES = 36
SQUEEZED = 0.94


@pytest.fixture
def masker(model_path: Callable[[str], Path]) -> OcclusionMasker:
    return OcclusionMasker(model_path)


@pytest.fixture(scope="module")
def frames(shared_analyser: MediapipeAnalyser, astronaut_picture: Image) -> list[Image]:
    shared_analyser.reset()
    return sway(astronaut_picture, shared_analyser.faces(astronaut_picture)[0].box, FRAMES)


@pytest.fixture(scope="module")
def bare(shared_analyser: MediapipeAnalyser, frames: list[Image]) -> list[Shot]:
    return behind(frames, shared_analyser, None)


@pytest.fixture(scope="module")
def free(bare: list[Shot], model_path: Callable[[str], Path]) -> list[F32]:
    masker = OcclusionMasker(model_path)
    return [visible(masker, shot) for shot in bare]


def test_little_but_the_fringe_hides_a_face_with_nothing_in_front(bare: list[Shot], free: list[F32]) -> None:
    hidden = [(values < 0.5) & on_face(shot) for shot, values in zip(bare, free, strict=True)]
    assert np.mean([one.sum() / on_face(shot).sum() for one, shot in zip(hidden, bare, strict=True)]) < 0.12
    below_brows = [one[int(shot.face.keypoints[:2, 1].mean()) :] for one, shot in zip(hidden, bare, strict=True)]
    assert np.mean([one.sum() / on_face(shot).sum() for one, shot in zip(below_brows, bare, strict=True)]) < 0.02


@pytest.mark.parametrize("thing", ["microphone", "microphone-grey", "glasses", "glasses-red", "hair-dark"])
def test_a_thing_that_was_always_there_stays_in_front(
    masker: OcclusionMasker, analyser: MediapipeAnalyser, frames: list[Image], free: list[F32], thing: str
) -> None:
    kept, lost = shares(masker, behind(frames, analyser, OCCLUDERS[thing]), free)
    assert kept > 0.85
    assert lost < 0.05


def test_a_hand_in_the_persons_own_colour_that_comes_in_stays_in_front(
    masker: OcclusionMasker, analyser: MediapipeAnalyser, frames: list[Image], free: list[F32]
) -> None:
    kept, lost = shares(masker, behind(frames, analyser, palm(start=-4), start=22), free)
    assert kept > 0.75
    assert lost < 0.08


@pytest.mark.parametrize("thing", ["microphone", "glasses-red"])
def test_a_face_found_askew_behind_a_thing_is_free_as_soon_as_the_thing_left(
    masker: OcclusionMasker, analyser: MediapipeAnalyser, frames: list[Image], free: list[F32], thing: str
) -> None:
    left = 24
    for number, shot in enumerate(behind(frames[: left + 6], analyser, OCCLUDERS[thing], end=left)):
        seen = shot if number >= left else replace(shot, face=askew(shot.face))
        unswapped = (visible(masker, seen) < 0.5)[on_face(shot) & (free[number] > 0.5)]
        assert number <= left or unswapped.mean() < 0.02


def askew(face: Face) -> Face:
    """As a network finds a face behind a thing: brows and chin drawn in."""
    assert face.mesh is not None
    mesh = face.mesh.copy()
    nose = float(mesh[1, 1])
    mesh[:, 1] = nose + (mesh[:, 1] - nose) * np.float32(SQUEEZED)
    return replace(face, mesh=mesh)


def test_a_covered_mouth_is_noticed_in_the_very_first_frame(
    masker: OcclusionMasker, analyser: MediapipeAnalyser, frames: list[Image]
) -> None:
    shot = behind(frames[:1], analyser, palm(start=-22))[0]
    thing = on_face(shot) & (shot.alpha > 0.95)
    assert (visible(masker, shot)[thing] < 0.27).mean() > 0.6


def test_the_border_is_where_the_thing_is_in_this_frame(
    masker: OcclusionMasker, analyser: MediapipeAnalyser, frames: list[Image]
) -> None:
    shots = behind(frames[:12], analyser, OCCLUDERS["microphone"])
    for before in shots[:-1]:
        visible(masker, before)
    now, then = (on_face(shots[-1]) & (one.alpha > 0.5) for one in (shots[-1], shots[0]))
    kept = (visible(masker, shots[-1]) < 0.5) & on_face(shots[-1])
    assert (kept & now).sum() / now.sum() > 0.95
    assert (kept & then & ~now).sum() / max((then & ~now).sum(), 1) < 0.3


def test_a_picture_without_a_track_is_judged_by_itself(masker: OcclusionMasker, bare: list[Shot]) -> None:
    alone = replace(bare[5], face=replace(bare[5].face, track_id=-1))
    np.testing.assert_array_equal(visible(masker, alone), visible(masker, alone))


def test_after_reset_nothing_is_remembered(masker: OcclusionMasker, bare: list[Shot]) -> None:
    first = visible(masker, bare[0])
    visible(masker, bare[8])
    masker.reset()
    np.testing.assert_array_equal(visible(masker, bare[0]), first)


def test_a_cut_to_another_cameras_light_does_not_hide_the_face(masker: OcclusionMasker, bare: list[Shot]) -> None:
    for shot in bare[:20]:
        visible(masker, shot)
    other = np.clip(bare[20].image * np.array([0.7, 0.45, 0.35]), 0, 255).astype(np.uint8)
    after = replace(bare[20], image=other)
    assert (visible(masker, after)[on_face(after)] < 0.5).mean() < 0.15


def test_faces_that_are_gone_are_forgotten_and_never_too_many_kept(masker: OcclusionMasker, bare: list[Shot]) -> None:
    for ident in range(MOST_TRACKS + 5):
        visible(masker, replace(bare[0], face=replace(bare[0].face, track_id=ident)))
    assert len(masker._tracks) == MOST_TRACKS
    for _ in range(FORGOTTEN + 1):
        masker.start(bare[0].image)
    assert not masker._tracks


def test_a_face_without_a_mesh_or_outside_the_picture_is_taken_to_be_visible(
    masker: OcclusionMasker, bare: list[Shot]
) -> None:
    image, face = bare[0].image, bare[0].face
    assert face.mesh is not None
    masker.start(image)
    assert masker.mask(image, replace(face, mesh=None)) is None
    assert masker.mask(image, replace(face, mesh=face.mesh + np.float32(10_000))) is None


def test_the_picture_is_only_read(masker: OcclusionMasker, bare: list[Shot]) -> None:
    before = bare[0].image.copy()
    visible(masker, bare[0])
    np.testing.assert_array_equal(bare[0].image, before)
