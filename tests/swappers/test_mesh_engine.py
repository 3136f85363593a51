"""The built-in engine on real pictures: what a user sees of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import insightface
import numpy as np
import pytest

from liveswapping.domain.errors import FaceDetectionError
from liveswapping.domain.face import Face, Identity, Patch, Portrait, Target
from liveswapping.domain.frame import Image, Mask, Region
from liveswapping.domain.look import Look
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.imaging.face_mesh import (
    BROW_LEFT,
    BROW_RIGHT,
    EYE_LEFT,
    EYE_RIGHT,
    LIPS_INNER,
    LIPS_OUTER,
    OVAL,
    face_width,
)
from liveswapping.imaging.paste import paste
from liveswapping.swappers.mesh import engine
from liveswapping.swappers.mesh.engine import MeshSwapper
from liveswapping.swappers.mesh.light import measure_light
from liveswapping.swappers.mesh.pose import facing, pose_of

UNMOVED = Look(shape=0.0)


@pytest.fixture(scope="module")
def hanks(shared_analyser: MediapipeAnalyser) -> Portrait:
    """The photograph to become: 112×112, enlarged."""
    path = Path(insightface.__file__).parent / "data" / "images" / "Tom_Hanks_54745.png"
    small = cv2.imread(str(path))
    assert small is not None
    image = cv2.copyMakeBorder(cv2.resize(small, None, fx=3, fy=3), 60, 60, 60, 60, cv2.BORDER_REPLICATE)
    shared_analyser.reset()
    return Portrait(np.asarray(image, np.uint8), shared_analyser.faces(np.asarray(image, np.uint8))[0])


@pytest.fixture
def face(analyser: MediapipeAnalyser, astronaut: Image) -> Face:
    return analyser.faces(astronaut)[0]


@pytest.fixture
def person(hanks: Portrait) -> Identity:
    return Identity("hanks", (hanks,))


def swapped(image: Image, face: Face, person: Identity, look: Look = UNMOVED, visible: Mask | None = None) -> Image:
    result = image.copy()
    paste(result, MeshSwapper().swap(image, [Target(replace(face, track_id=-1), person, visible, look)]))
    return result


def polygon(shape: tuple[int, ...], face: Face, points: tuple[int, ...], erode: int = 3) -> np.ndarray:
    canvas = np.zeros(shape[:2], np.uint8)
    assert face.mesh is not None
    cv2.fillPoly(canvas, [np.round(face.mesh[list(points), :2]).astype(np.int32)], 1)
    return cv2.erode(canvas, np.ones((erode, erode), np.uint8)).astype(bool)


def cheeks(face: Face) -> np.ndarray:
    assert face.mesh is not None
    return face.mesh[[50, 101, 118, 280, 330, 347], :2].round().astype(int)


def test_the_face_changes_and_the_rest_of_the_picture_does_not(astronaut: Image, face: Face, person: Identity) -> None:
    result = swapped(astronaut, face, person)
    x1, y1, x2, y2 = face.box.round().astype(int)
    changed = (result != astronaut).any(axis=2)
    assert changed[y1:y2, x1:x2].mean() > 0.5
    changed[y1 - 2 : y2 + 3, x1 - 2 : x2 + 3] = False
    assert not changed.any()


def test_skin_takes_the_targets_light(astronaut: Image, face: Face, person: Identity) -> None:
    assert face.mesh is not None
    ramp = np.linspace(0.35, 1.15, astronaut.shape[1])[None, :, None]
    for scene in (astronaut, (astronaut * 0.4).astype(np.uint8), (astronaut * ramp).clip(0, 255).astype(np.uint8)):
        result = swapped(scene, face, person)
        blurred, wanted = cv2.blur(result, (9, 9)), cv2.blur(scene, (9, 9))
        for x, y in cheeks(face):
            assert np.abs(blurred[y, x].astype(int) - wanted[y, x]).max() < 0.2 * wanted[y, x].max() + 6


def test_a_black_and_white_picture_stays_black_and_white(astronaut: Image, face: Face, person: Identity) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    result = swapped(np.asarray(grey, np.uint8), face, person)
    assert int(np.ptp(result.astype(int), axis=2).max()) <= 2


def test_what_lies_between_the_lips_stays_the_targets(astronaut: Image, face: Face, person: Identity) -> None:
    inside = polygon(astronaut.shape, face, LIPS_INNER)
    assert inside.sum() > 20
    difference = np.abs(swapped(astronaut, face, person).astype(int) - astronaut)[inside]
    assert np.percentile(difference, 90) <= 4


@pytest.mark.parametrize(
    ("look", "rings"),
    [(Look(shape=0, keep_mouth=True), (LIPS_OUTER,)), (Look(shape=0, keep_eyes=True), (EYE_LEFT, EYE_RIGHT))],
)
def test_kept_parts_stay_the_targets(
    astronaut: Image, face: Face, person: Identity, look: Look, rings: tuple[tuple[int, ...], ...]
) -> None:
    kept, plain = swapped(astronaut, face, person, look), swapped(astronaut, face, person)
    for ring in rings:
        inside = polygon(astronaut.shape, face, ring)
        assert np.abs(kept.astype(int) - astronaut)[inside].max() <= 2
        assert np.abs(plain.astype(int) - astronaut)[inside].mean() > 4


def test_around_the_mouth_some_of_the_target_shows_through_and_elsewhere_nothing(
    astronaut: Image, face: Face, person: Identity
) -> None:
    assert face.mesh is not None
    plain = swapped(astronaut, face, person)
    for point, least, most in ((18, 0.15, 0.5), (50, 0.0, 0.12)):
        x, y = np.round(face.mesh[point, :2]).astype(int)
        marked = astronaut.copy()
        marked[y - 1 : y + 2, x - 1 : x + 2] = 0
        shown = (plain.astype(int) - swapped(marked, face, person))[y, x] / astronaut[y, x]
        assert least < shown.mean() < most


def test_without_shape_the_mesh_stays_where_it_was(
    analyser: MediapipeAnalyser, astronaut: Image, face: Face, person: Identity
) -> None:
    again = analyser.faces(swapped(astronaut, face, person))[0]
    assert again.mesh is not None
    assert face.mesh is not None
    eyes = float(np.linalg.norm(face.mesh[468, :2] - face.mesh[473, :2]))
    assert np.linalg.norm(again.mesh[:, :2] - face.mesh[:, :2], axis=1).mean() / eyes < 0.03


def test_shape_moves_the_face_towards_the_sources_proportions(
    analyser: MediapipeAnalyser, astronaut: Image, face: Face, person: Identity
) -> None:
    def unlikeness(other: Face) -> float:
        mine, theirs = person.portraits[0].face.mesh, other.mesh
        assert mine is not None
        assert theirs is not None
        return float(np.abs(pose_of(mine).shape - pose_of(theirs).shape)[:468, :2].mean())

    analyser.reset()
    moved = analyser.faces(swapped(astronaut, face, person, Look(shape=1.0)))[0]
    assert unlikeness(moved) < 0.75 * unlikeness(face)


def test_surroundings_follow_a_changed_shape_without_a_tear(astronaut: Image, face: Face, person: Identity) -> None:
    patch = MeshSwapper().swap(astronaut, [Target(face, person, None, Look(shape=1.0))])[0]
    border = np.concatenate([patch.mask[0], patch.mask[-1], patch.mask[:, 0], patch.mask[:, -1]])
    assert border.max() < 0.3
    result = swapped(astronaut, face, person, Look(shape=1.0))
    around = (result != astronaut).any(axis=2) & ~polygon(astronaut.shape, face, OVAL, 1)
    assert around.sum() > 1000

    def edges(image: Image) -> np.ndarray:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
        return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))[around]

    before, after = edges(astronaut), edges(result)
    assert after.mean() < 1.15 * before.mean()
    assert np.percentile(after, 99) < 1.25 * np.percentile(before, 99)


def test_the_gaze_follows_the_targets_irises(astronaut: Image, face: Face, person: Identity) -> None:
    assert face.mesh is not None
    big = np.asarray(cv2.resize(astronaut, None, fx=3, fy=3), np.uint8)
    mesh = face.mesh * np.float32(3)

    def darkest(shift: float) -> float:
        looking = mesh.copy()
        looking[468:, 0] += shift
        result = swapped(big, replace(face, mesh=looking), person)
        inside = polygon(big.shape, replace(face, mesh=mesh), EYE_LEFT)
        weights = (255.0 - cv2.cvtColor(result, cv2.COLOR_BGR2GRAY)) ** 3 * inside
        return float((weights.sum(axis=0) * np.arange(big.shape[1])).sum() / weights.sum())

    assert darkest(6) - darkest(-6) > 4


def test_what_is_hidden_in_the_photograph_is_filled_from_the_target(
    astronaut: Image, face: Face, hanks: Portrait
) -> None:
    mesh = hanks.face.mesh
    assert mesh is not None
    (x, y), top = mesh[151, :2].round().astype(int), int(mesh[10, 1]) - 20
    spoilt, seen = hanks.image.copy(), np.ones(hanks.image.shape[:2], np.float32)
    spoilt[top : y + 12, x - 40 : x + 40], seen[top : y + 14, x - 42 : x + 42] = (0, 255, 0), 0.0
    visible = Mask(Region(0, 0, seen.shape[1], seen.shape[0]), seen)
    result = swapped(astronaut, face, Identity("spoilt", (Portrait(spoilt, hanks.face, visible),)))
    greenness = result[..., 1].astype(int) - result[..., 2]
    assert greenness.max() <= (astronaut[..., 1].astype(int) - astronaut[..., 2]).max()


def test_the_targets_brows_do_not_show_below_a_photographs_fringe(
    astronaut: Image, face: Face, hanks: Portrait
) -> None:
    mesh, target = hanks.face.mesh, face.mesh
    assert mesh is not None
    assert target is not None
    seen = np.ones(hanks.image.shape[:2], np.float32)
    seen[: int(mesh[list(BROW_LEFT + BROW_RIGHT), 1].min())] = 0.0  # a fringe down to the brows
    visible = Mask(Region(0, 0, seen.shape[1], seen.shape[0]), seen)
    painted = astronaut.copy()
    for brow in (BROW_LEFT, BROW_RIGHT):
        corners = cv2.convexHull(np.round(target[list(brow), :2]).astype(np.int32))
        cv2.fillPoly(painted, [corners], (255, 0, 255))
    result = swapped(painted, face, Identity("fringe", (Portrait(hanks.image, hanks.face, visible),)))
    magenta = np.minimum(result[..., 0], result[..., 2]).astype(int) - result[..., 1]
    where = np.abs(painted.astype(int) - astronaut).max(axis=2) > 0
    assert where.sum() > 300
    assert np.percentile(magenta[where], 99) < 40


def bent(image: Image) -> Image:
    """The picture as a film shows it whose red is near its end: dark skin is orange there and bright skin white."""
    levels = np.arange(256) / 200.0
    curves = np.stack([200 * levels**1.6, 200 * levels, 230 * levels**0.3]).clip(0, 255).astype(np.uint8)
    return np.stack([curve[image[..., channel]] for channel, curve in enumerate(curves)], 2)


def test_shaded_skin_takes_the_colours_that_the_targets_own_shaded_skin_has(
    astronaut: Image, face: Face, person: Identity
) -> None:
    assert face.mesh is not None
    scene = bent(astronaut)
    result = swapped(scene, face, person)
    skin = polygon(scene.shape, face, OVAL, erode=25)
    for zone in (EYE_LEFT, EYE_RIGHT, LIPS_OUTER, BROW_LEFT, BROW_RIGHT):
        skin &= ~cv2.dilate(polygon(scene.shape, face, zone, 1).astype(np.uint8), np.ones((15, 15))).astype(bool)
    colours = np.log(np.maximum(result[skin].astype(float), 1.0))
    luma = np.log(result[skin] @ [0.114, 0.587, 0.299])
    blue, _, red = (np.polyfit(luma, colours[:, channel], 1)[0] for channel in range(3))
    assert blue > 1.05
    assert blue > red + 0.2
    own = measure_light(scene, face.mesh, facing(face.mesh)).contrast
    assert own[0] > 1.3
    assert own[2] < 0.7


@pytest.mark.parametrize("side", ["left", "right"])
def test_where_the_outline_is_hidden_its_surroundings_stay_where_they_are(
    astronaut: Image, face: Face, person: Identity, side: str
) -> None:
    assert face.mesh is not None
    left, right = (float(edge(face.mesh[:468, 0])) for edge in (np.min, np.max))
    values = np.ones(astronaut.shape[:2], np.float32)
    middle, width = round((left + right) / 2), right - left
    hand = np.s_[:, : round(left + 0.3 * width)] if side == "left" else np.s_[:, round(right - 0.3 * width) :]
    values[hand] = 0.0
    visible = Mask(Region(0, 0, astronaut.shape[1], astronaut.shape[0]), values)
    result = swapped(astronaut, face, person, Look(shape=1.0), visible)
    outside = ~cv2.dilate(polygon(astronaut.shape, face, OVAL, 1).astype(np.uint8), np.ones((3, 3))).astype(bool)
    changed = (np.abs(result.astype(int) - astronaut).max(axis=2) > 8) & outside
    here, there = (changed[:, :middle], changed[:, middle:])[:: 1 if side == "left" else -1]
    assert there.sum() > 100
    assert here[round(face.mesh[1, 1]) :].sum() < 0.1 * there.sum()


def test_a_photograph_is_prepared_once(
    monkeypatch: pytest.MonkeyPatch, astronaut: Image, face: Face, person: Identity
) -> None:
    calls = []
    prepare = engine.prepare_texture
    monkeypatch.setattr(engine, "prepare_texture", lambda portraits: calls.append(1) or prepare(portraits))
    swapper = MeshSwapper()
    for _ in range(3):
        swapper.swap(astronaut, [Target(face, person), Target(face, person)])
    assert len(calls) == 1


def test_of_several_photographs_the_nearest_in_pose_is_used_and_faded_to(
    astronaut: Image, face: Face, hanks: Portrait
) -> None:
    flipped = np.ascontiguousarray(hanks.image[:, ::-1])
    mesh = hanks.face.mesh
    assert mesh is not None
    mirror = mesh.copy()
    from liveswapping.imaging.face_mesh import face_mesh

    mirror = mirror[face_mesh().mirror]
    mirror[:, 0] = hanks.image.shape[1] - 1 - mirror[:, 0]
    both = Identity("both", (hanks, Portrait(flipped, replace(hanks.face, mesh=mirror))))
    alone = [Identity("one", (portrait,)) for portrait in both.portraits]
    scene = Target(replace(hanks.face, track_id=-1), both), Target(replace(hanks.face, mesh=mirror, track_id=-1), both)
    for n, (target, image) in enumerate(zip(scene, (hanks.image, flipped), strict=True)):
        chosen = MeshSwapper().swap(image, [target])[0]
        own = MeshSwapper().swap(image, [replace(target, identity=alone[n])])[0]
        other = MeshSwapper().swap(image, [replace(target, identity=alone[1 - n])])[0]
        assert distance(chosen, own) < 0.6 * distance(chosen, other)


def distance(one: Patch, other: Patch) -> float:
    return float(np.abs(one.image.astype(int) - other.image)[one.mask > 0.9].mean())


def test_sizes_from_tiny_to_huge_give_a_face(astronaut: Image, face: Face, person: Identity) -> None:
    assert face.mesh is not None
    for scale in (0.15, 0.5, 4.0):
        image = np.asarray(cv2.resize(astronaut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        mesh = face.mesh * np.float32(scale)
        patch = MeshSwapper().swap(image, [Target(replace(face, mesh=mesh), person)])[0]
        assert (patch.mask > 0.9).sum() > 0.4 * face_width(mesh) ** 2


def test_a_face_partly_outside_the_frame_is_swapped_as_far_as_it_shows(
    astronaut: Image, face: Face, person: Identity
) -> None:
    assert face.mesh is not None
    centre = face.mesh[1, :2].astype(int)
    cut = np.ascontiguousarray(astronaut[:, centre[0] :])
    mesh = face.mesh - np.array([centre[0], 0, 0], np.float32)
    result = swapped(cut, replace(face, mesh=mesh), person)
    assert (result != cut).any(axis=2).mean() > 0.01


def test_a_face_without_a_mesh_is_refused_in_one_line(astronaut: Image, face: Face, person: Identity) -> None:
    with pytest.raises(FaceDetectionError, match="mediapipe"):
        MeshSwapper().swap(astronaut, [Target(replace(face, mesh=None), person)])
