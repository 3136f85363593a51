from __future__ import annotations

import numpy as np
import pytest

from liveswapping.imaging.face_mesh import face_mesh
from scripts.benchmark import Result, checks
from scripts.measures.bars import Bar
from scripts.measures.bench_camera import BenchCamera
from scripts.measures.geometry import angle_difference, head_angles, lag, mesh_difference, mouth_opening
from scripts.measures.occlusion import NEVER, kept_behind, unswapped
from scripts.measures.seams import seams
from scripts.measures.steadiness import SIGMA, noisy
from scripts.measures.swapping import SwappedFrame


def turned(yaw=0.0, pitch=0.0, roll=0.0):
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return (200 * face_mesh().canonical @ (about_z @ about_x @ about_y).T + 300).astype(np.float32)


def test_a_bar_holds_on_its_own_side_and_never_without_a_value():
    assert Bar("a", 1, 1).holds
    assert not Bar("a", 1.1, 1).holds
    assert Bar("a", 1.1, 1, at_least=True).holds
    assert not Bar("a", float("nan"), 1).holds
    assert not Bar("a", float("nan"), 1, at_least=True).holds


@pytest.mark.parametrize("angle", ["yaw", "pitch", "roll"])
def test_head_angles_are_those_the_head_was_turned_by(angle):
    found = head_angles(turned(**{angle: 14}))
    expected = [14.0 if name == angle else 0.0 for name in ("yaw", "pitch", "roll")]
    assert found == pytest.approx(expected, abs=0.1)


def test_angles_and_points_of_the_same_mesh_do_not_differ():
    assert angle_difference(turned(yaw=10), turned(yaw=10)) == 0
    assert angle_difference(turned(yaw=10), turned(yaw=6)) == pytest.approx(4, abs=0.1)
    assert mesh_difference(turned(), turned()) == 0


def test_the_mouth_is_open_by_the_distance_of_the_inner_lips():
    mesh = turned()
    closed = mouth_opening(mesh)
    mesh[14, 1] += 7
    assert mouth_opening(mesh) == pytest.approx(closed + 7, abs=1e-3)


@pytest.mark.parametrize("late", [0.0, 0.5, 2.0])
def test_lag_is_found_to_a_fraction_of_a_frame(late):
    times = np.arange(80)

    def path(at):
        return np.stack([np.sin(at / 5) + 0.4 * np.sin(at / 2.3), np.cos(at / 7)], axis=1)

    assert lag(path(times - late), path(times)) == pytest.approx(late, abs=0.1)


def test_noise_is_as_strong_as_it_says():
    frames = np.stack(noisy(np.full((40, 40, 3), 120, np.uint8))).astype(np.float32)
    assert frames.std(axis=0).mean() == pytest.approx(SIGMA, rel=0.02)
    assert frames.mean() == pytest.approx(120, abs=0.1)


def test_a_blurred_border_and_a_changed_background_are_seen():
    rng = np.random.default_rng(0)
    before = rng.integers(60, 200, (64, 64, 3)).astype(np.uint8)
    after = before.copy()
    mask = np.zeros((64, 64), np.float32)
    mask[20:44, 20:44] = 0.5
    after[20:44, 20:44] = before[20:44, 20:44].mean()
    touched = (mask > 0).astype(np.uint8)
    same, flat = (
        {bar.name.partition(":")[0]: bar for bar in seams("x", [SwappedFrame(before, image, mask, mask, touched, 1)])}
        for image in (before, after)
    )
    assert all(bar.holds for bar in same.values())
    assert not flat["6 border gradient by target's, at least"].holds
    after[0, 0] += 1
    spoilt = seams("x", [SwappedFrame(before, after, mask, mask, touched, 1)])[-1]
    assert spoilt.value == 3
    assert not spoilt.holds


def with_mask(mask, placed=None):
    picture = np.zeros((*mask.shape, 3), np.uint8)
    placed = mask if placed is None else placed
    return SwappedFrame(picture, picture, mask, placed, (mask > 0).astype(np.uint8), 1)


def bobbing_rims(frames):
    """How much of each pixel two rims cover, that bob by a third of a pixel about where they sit."""
    rows, columns = np.mgrid[:60, :60]
    shift = 0.35 * np.sin(np.arange(frames) * 0.9) + 0.2 * np.sin(np.arange(frames) * 0.37)
    radii = [np.hypot(rows - 30 - one, columns - 30) for one in shift]
    return [np.clip(2.0 - np.abs(radius - 15), 0, 1).astype(np.float32) for radius in radii]


@pytest.mark.parametrize("late", [0, 1, 2])
def test_a_worn_things_border_is_late_by_as_many_frames_as_it_is_though_it_hardly_moves(late):
    rims = bobbing_rims(60)
    clean = [with_mask(np.ones((60, 60), np.float32))] * 60
    kept = [with_mask(1 - rims[max(number - late, 0)]) for number in range(60)]
    assert kept_behind(clean, rims, kept) == pytest.approx(late, abs=0.05)


def test_what_is_kept_somewhere_else_does_not_follow():
    clean = [with_mask(np.ones((60, 60), np.float32))] * 60
    flicker = np.random.default_rng(3).random((60, 60, 60)).astype(np.float32)
    assert kept_behind(clean, bobbing_rims(60), [with_mask(one) for one in flicker]) == NEVER


def test_unswapped_pixels_are_told_apart_by_cause():
    face, moved, hidden = np.ones((10, 10), np.float32), np.ones((10, 10), np.float32), np.ones((10, 10), np.float32)
    moved[:2] = 0
    hidden[:3] = 0
    alpha = np.zeros((10, 10), np.float32)
    alpha[9] = 1
    lost, by_mask = unswapped([with_mask(face)], [alpha], [with_mask(hidden, moved)])
    assert lost == pytest.approx(30 / 90)
    assert by_mask == pytest.approx(10 / 90)


def test_the_benchmark_says_which_bars_hold():
    def result(name, p50, ratio):
        return Result(name, 1e3 / p50, p50, p50, 3.0, 0.2, ratio)

    results = {
        "720p-1-face": result("720p-1-face", 7.0, 2.0),
        "1080p-1-face": result("1080p-1-face", 14.0, 2.3),
        "720p-4-faces": result("720p-4-faces", 22.0, 1.9),
        "cold-start": Result("cold-start", None, 2000.0, 2100.0),
    }
    found = {name: holds for name, _, _, holds in checks(results)}
    assert [name for name, holds in found.items() if not holds] == [
        "1080p-1-face: time by irreducible work",
        "1080p by 720p",
    ]
    assert len(found) == 7


def test_the_bench_camera_goes_away_and_comes_back():
    picture = np.zeros((4, 4, 3), np.uint8)
    bench = BenchCamera([[picture] * 4], fps=200)
    device = bench.open(0)
    assert device.grab()
    ok, image = device.retrieve()
    assert ok
    assert image is not picture
    bench.unplug(0.05)
    assert not device.grab()
    while not (device := bench.open(0)).grab():
        pass
    assert device.retrieve()[0]
    assert bench.returns == 1
