from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from liveswapping.domain.frame import Image
from liveswapping.faces.landmarks import NEW, LandmarkNetwork, Sight
from liveswapping.faces.region import TurnedSquare
from liveswapping.faces.topology import LEFT_EYE, RIGHT_EYE
from liveswapping.faces.tracks import Track, apart, follow, impostors, likeness, looks_of
from tests.faces.actors import WIDTH, Head, scene

REGION = TurnedSquare(100, 100, 270)
QUIET = 0.0004
"""Noise of a frontal face, in face widths."""


@pytest.fixture(scope="module")
def see(model_path: Callable[[str], Path]) -> Callable[[Image, float, float], Sight]:
    network = LandmarkNetwork(model_path)

    def look(frame: Image, x: float, y: float) -> Sight:
        surface = network.surface(frame, TurnedSquare(x, y, 2.0 * WIDTH), NEW)
        eyes = (network.eye(frame, surface, LEFT_EYE), network.eye(frame, surface, RIGHT_EYE))
        return Sight.of(surface, eyes)

    return look


def test_a_region_stands_still_while_its_face_only_trembles() -> None:
    trembling = TurnedSquare(101.2, 99.5, 271.5, 0.012)
    assert follow(REGION, trembling, QUIET) == REGION


def test_a_region_follows_what_exceeds_the_slack() -> None:
    moved = follow(REGION, TurnedSquare(150, 100, 405, 0.5), QUIET)
    assert moved.x == pytest.approx(148.38)
    assert moved.size == pytest.approx(405, rel=0.01)
    assert moved.angle == pytest.approx(0.485)


def test_a_region_of_a_noisy_mesh_stands_still_for_longer() -> None:
    trembling = TurnedSquare(104.0, 99.0, 274.0, 0.03)
    assert follow(REGION, trembling, QUIET) != REGION
    assert follow(REGION, trembling, 3 * QUIET) == REGION


def test_a_region_turns_the_short_way_round() -> None:
    upside_down = TurnedSquare(100, 100, 200, math.radians(175))
    turned = follow(upside_down, TurnedSquare(100, 100, 200, math.radians(-175)), QUIET)
    assert math.degrees(turned.angle) == pytest.approx(184, abs=1)


def test_a_person_looks_like_themselves_wherever_they_are(
    see: Callable[[Image, float, float], Sight], ann: Head, bob: Head
) -> None:
    here = looks_of(see(scene((ann, 150, 180)), 150, 180))
    there = looks_of(see(scene((ann, 450, 160)), 450, 160))
    other = looks_of(see(scene((bob, 150, 180)), 150, 180))
    assert likeness(here, there) > 0.9
    assert likeness(here, other) < 0.8
    assert np.linalg.norm(here) == pytest.approx(1, abs=1e-3)


def test_of_two_tracks_on_one_face_the_wrong_one_is_the_impostor(
    see: Callable[[Image, float, float], Sight], ann: Head, bob: Head
) -> None:
    frame = scene((ann, 200, 180), (bob, 400, 180))
    right, wrong = Track(1, see(frame, 200, 180)), Track(2, see(frame, 400, 180))
    assert impostors([right, wrong]) == []
    wrong.see(right.sight, alone=False)
    assert impostors([right, wrong]) == [wrong]
    assert impostors([wrong, right]) == [wrong]


def test_a_moving_face_is_expected_further_on_and_slower_and_slower(
    see: Callable[[Image, float, float], Sight], ann: Head
) -> None:
    track = Track(1, see(scene((ann, 200, 180)), 200, 180))
    for x in (210, 220, 230):
        track.see(see(scene((ann, x, 180)), x, 180), alone=True)
    places = []
    for _ in range(40):
        track.lose()
        places.append(track.expected.x)
    steps = np.diff(places)
    assert steps[0] == pytest.approx(9, abs=1.5)
    assert (steps > 0).all()
    assert (np.diff(steps) < 0).all()
    assert places[-1] < 345


def test_distance_is_in_face_widths(see: Callable[[Image, float, float], Sight], ann: Head) -> None:
    one, other = see(scene((ann, 200, 180)), 200, 180), see(scene((ann, 200 + 2 * WIDTH, 180)), 200 + 2 * WIDTH, 180)
    assert apart(one, other) == pytest.approx(2, rel=0.1)
