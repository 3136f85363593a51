from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from liveswapping.domain.errors import EndOfStream, SettingsError
from liveswapping.imaging.face_mesh import EYE_LEFT, EYE_RIGHT, POINTS
from liveswapping.media.animation import Animation
from liveswapping.media.demo import DemoSource
from liveswapping.media.motion import Moment, moments
from liveswapping.media.scene import Scene, framed

SIZE = (640, 360)


class Stillness:
    """An analyser that has seen the picture already."""

    def __init__(self, faces):
        self._faces = faces

    def faces(self, image):
        return self._faces

    def reset(self):
        pass

    def close(self):
        pass


@pytest.fixture(scope="module")
def known(shared_analyser, astronaut_picture):
    shared_analyser.reset()
    for _ in range(4):  # tracking settles
        faces = shared_analyser.faces(astronaut_picture)
    return Stillness(faces)


@pytest.fixture(scope="module")
def animation(known, astronaut_picture):
    picture, meshes = framed(astronaut_picture, known.faces(None), SIZE, 160)
    return Animation(picture, meshes)


def seen(analyser, animation, moment):
    """The mesh that the networks find; a few looks, as tracking settles on a new picture."""
    image = animation.draw([moment])
    analyser.reset()
    for _ in range(4):
        (face,) = analyser.faces(image)
    return face.mesh


def lid_gap(mesh):
    gaps = [np.hypot(*(mesh[upper] - mesh[lower])[:2]) for upper, lower in ((159, 145), (386, 374))]
    widths = [np.hypot(*(mesh[ring[0]] - mesh[ring[8]])[:2]) for ring in (EYE_LEFT, EYE_RIGHT)]
    return sum(gaps) / sum(widths)


def lip_gap(mesh):
    return np.hypot(*(mesh[14] - mesh[13])[:2]) / np.ptp(mesh[:POINTS, 0])


def turn_between(rest, moved):
    """Degrees about the vertical, horizontal and viewing axis that carry one mesh to the other (Kabsch)."""
    a, b = (points[:POINTS] - points[:POINTS].mean(axis=0) for points in (rest, moved))
    u, _, vt = np.linalg.svd(a.T @ b)
    rotation = (u @ np.diag([1, 1, np.sign(np.linalg.det(u @ vt))]) @ vt).T
    yaw = np.arctan2(rotation[2, 0], rotation[0, 0])
    pitch = np.arcsin(np.clip(rotation[2, 1], -1, 1))
    roll = np.arctan2(rotation[1, 0], rotation[0, 0])
    return np.degrees([yaw, pitch, roll])


def test_the_networks_see_the_eyes_close(analyser, animation):
    open_eyes, closed = (lid_gap(seen(analyser, animation, Moment(blink=blink))) for blink in (0.0, 1.0))
    assert closed < 0.5 * open_eyes


def test_the_networks_see_the_mouth_open_and_close(analyser, animation):
    shut, rest, wide = (lip_gap(seen(analyser, animation, Moment(jaw=jaw))) for jaw in (-1.0, 0.0, 1.0))
    assert shut < 0.5 * rest
    assert wide > rest + 0.045


@pytest.mark.parametrize(
    ("moment", "axis", "degrees"),
    [
        (Moment(yaw=np.radians(12)), 0, 12),
        (Moment(yaw=np.radians(-12)), 0, -12),
        (Moment(pitch=np.radians(8)), 1, 8),
        (Moment(roll=np.radians(10)), 2, 10),
    ],
)
def test_the_networks_see_the_head_turn(analyser, animation, moment, axis, degrees):
    rest = seen(analyser, animation, Moment())
    found = turn_between(rest, seen(analyser, animation, moment))
    assert found[axis] == pytest.approx(degrees, rel=0.35)


@pytest.mark.parametrize(("size", "width"), [((640, 360), 160.0), ((640, 360), 110.0), ((1280, 720), 320.0)])
def test_faces_are_as_wide_as_asked(analyser, astronaut_picture, known, size, width):
    scene = Scene(astronaut_picture, known.faces(None), size, face_width=width)
    analyser.reset()
    found = [np.ptp(analyser.faces(scene.draw(index))[0].mesh[:POINTS, 0]) for index in range(0, 300, 15)]
    assert np.median(found) == pytest.approx(width, rel=0.03)


def test_four_people_share_a_frame(analyser, known):
    image = DemoSource(known, "four", size=(1280, 720)).read(0).image
    faces = analyser.faces(image)
    assert len(faces) == 4
    assert [np.ptp(face.mesh[:POINTS, 0]) for face in faces] == pytest.approx([160] * 4, rel=0.08)


def test_nothing_dark_comes_in_from_outside_the_picture(astronaut_picture, known):
    bright = (astronaut_picture // 2 + 120).astype(np.uint8)
    for width in (60, 300):
        picture, meshes = framed(bright, known.faces(None), SIZE, width)
        animation = Animation(picture, meshes)
        for sign in (-1, 1):
            far = Moment(yaw=0.25 * sign, pitch=0.15 * sign, roll=0.2 * sign, shift_x=0.1 * sign, shift_y=-0.08 * sign)
            image = animation.draw([far])
            border = np.concatenate([image[[0, -1]].reshape(-1, 3), image[:, [0, -1]].reshape(-1, 3)])
            assert border.min() > 80


def test_neighbouring_pixels_stay_neighbours(animation):
    for moment in moments(30, 0)[::10]:
        places = animation.motion.map([moment])
        assert np.diff(places[..., 0], axis=1).min() > 0.2
        assert np.diff(places[..., 1], axis=0).min() > 0.2


def test_a_frame_is_the_same_every_time_and_unlike_the_one_before(known):
    one, other = DemoSource(known, size=SIZE), DemoSource(known, size=SIZE)
    first, second = one.read(0), one.read(0)
    assert first.image.shape == (360, 640, 3)
    assert (first.index, second.index) == (0, 1)
    assert second.pts == Fraction(1, 30)
    assert not np.array_equal(first.image, second.image)
    assert np.array_equal(first.image, other.read(0).image)
    assert np.array_equal(second.image, other.read(0).image)


def test_another_seed_is_another_motion(known):
    frames = [DemoSource(known, size=SIZE, seed=seed).read(0).image for seed in (0, 1)]
    assert not np.array_equal(*frames)


def test_the_minute_repeats_without_a_jump():
    minute = moments(30, 5)
    steps = np.abs(np.diff([moment.yaw for moment in [*minute, minute[0]]]))
    assert steps[-1] <= steps.max()
    assert len(minute) == 1800


def test_it_ends_when_asked_to(known):
    source = DemoSource(known, size=SIZE, seconds=0.1)
    assert source.info.frames == 3
    for _ in range(3):
        source.read(0)
    with pytest.raises(EndOfStream):
        source.read(0)


def test_live_it_waits_for_the_clock_and_leaves_out_what_is_late(known):
    source = DemoSource(known, size=SIZE, fps=20, live=True)
    assert source.live
    assert source.read(0.0).index == 0
    assert source.read(0.0) is None
    frame = source.read(1.0)
    assert frame.index >= 1
    assert frame.pts is None
    source.close()
    with pytest.raises(EndOfStream):
        source.read(1.0)


def test_an_unknown_picture_is_refused_with_what_there_is(known):
    with pytest.raises(SettingsError, match="known: astronaut, t1, four"):
        DemoSource(known, "nobody")
