"""A glance notices what comes and goes, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liveswapping.domain.frame import Image
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.imaging.face_mesh import face_mesh
from liveswapping.masks.glance import LONGEST, Glances
from liveswapping.masks.occlusion import OcclusionMasker
from scripts.occluders import OCCLUDERS, Occluder, hair, palm
from tests.masks.moving import Shot, behind, on_face, sway, visible

NOISE = np.full(3, 0.01, np.float32)
FRAMES = 30


@pytest.fixture(scope="module")
def frames(shared_analyser: MediapipeAnalyser, astronaut_picture: Image) -> list[Image]:
    shared_analyser.reset()
    return sway(astronaut_picture, shared_analyser.faces(astronaut_picture)[0].box, FRAMES)


@pytest.fixture(scope="module")
def bare(shared_analyser: MediapipeAnalyser, frames: list[Image]) -> list[Shot]:
    return behind(frames, shared_analyser, None)


def judged(shots: list[Shot]) -> list[bool]:
    """Whether each shot asks for a judgement."""
    glances, asked = Glances(0), []
    for number, shot in enumerate(shots):
        assert shot.face.mesh is not None
        asked.append(glances.due(shot.image, shot.face.mesh, number))
        if asked[-1]:
            glances.judged(NOISE, known=True)
    return asked


def test_a_free_swaying_face_is_judged_in_one_frame_of_four(bare: list[Shot]) -> None:
    asked = judged(bare)
    assert asked[0]
    assert sum(asked) < FRAMES / LONGEST + 4
    assert not any(all(not one for one in asked[start : start + LONGEST]) for start in range(1, FRAMES - LONGEST))


def test_a_face_that_is_not_known_yet_is_judged_in_every_frame(bare: list[Shot]) -> None:
    glances = Glances(0)
    for number, shot in enumerate(bare[:6]):
        assert shot.face.mesh is not None
        assert glances.due(shot.image, shot.face.mesh, number)
        glances.judged(NOISE, known=False)


@pytest.mark.parametrize(
    "thing", [OCCLUDERS["microphone"], OCCLUDERS["glasses-thin"], hair(strands=2), palm(start=-20)],
    ids=["microphone", "thin glasses", "two strands", "palm in the skin's colour"],
)  # fmt: skip
def test_a_thing_that_comes_or_leaves_is_noticed_in_the_same_frame(
    analyser: MediapipeAnalyser, frames: list[Image], bare: list[Shot], thing: Occluder
) -> None:
    covered = behind(frames[20:26], analyser, thing)
    for came in (22, 23, 25):
        assert judged(bare[:came] + covered[came - 20 :])[came]
        assert judged(covered[: came - 20] + bare[came:])[came - 20]


def test_a_flash_of_light_is_noticed_and_a_dimmer_is_not_a_thing(bare: list[Shot]) -> None:
    def lit(shot: Shot, gain: float) -> Shot:
        return replace(shot, image=np.clip(shot.image * gain, 0, 255).astype(np.uint8))

    assert judged([*bare[:21], lit(bare[21], 0.6)])[21]
    dimmed = [lit(shot, 1 - 0.004 * number) for number, shot in enumerate(bare)]
    assert sum(judged(dimmed)) < FRAMES / LONGEST + 5


def test_faces_take_turns() -> None:
    flat = np.full((300, 300, 3), 128, np.uint8)
    mesh = np.zeros((478, 3), np.float32)
    shape = face_mesh().canonical
    mesh[: len(shape)] = (shape - shape.min(axis=0)) * (200 / np.ptp(shape[:, 0])) + [40, 20, 0]
    asked = np.zeros((4, 24), bool)
    for turn in range(4):
        glances = Glances(turn)
        for number in range(24):
            asked[turn, number] = glances.due(flat, mesh, number)
            if asked[turn, number]:
                glances.judged(NOISE, known=True)
    assert (asked[:, 12:].sum(axis=0) == 1).all()


def test_what_hides_a_face_is_carried_on_its_mesh_between_judgements(
    model_path: Callable[[str], Path], analyser: MediapipeAnalyser, frames: list[Image]
) -> None:
    masker = OcclusionMasker(model_path)
    for shot in behind(frames, analyser, OCCLUDERS["glasses"]):
        thing = on_face(shot) & (shot.alpha > 0.95)
        assert (visible(masker, shot)[thing] < 0.27).mean() > 0.8
