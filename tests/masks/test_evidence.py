from __future__ import annotations

import numpy as np

from liveswapping.masks.atlas import SIZE, atlas
from liveswapping.masks.evidence import CERTAIN, connect, spread, subtract_expected, weigh
from liveswapping.masks.features import add_missing
from liveswapping.masks.light import first_light, fit_light
from liveswapping.masks.structure import add_structure, correlate
from liveswapping.masks.thin import add_thin

SEEN = np.ones((SIZE, SIZE), np.float32)
SKIN = np.stack([SEEN * np.float32(0.16), SEEN * np.float32(0.07)])


def colours(seed: int = 0, sigma: float = 0.01) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, sigma, (3, SIZE, SIZE)).astype(np.float32)


def fitted(colour: np.ndarray, trust: np.ndarray = SEEN) -> np.ndarray:
    maps = atlas()
    start = first_light(maps.basis.shape[0])
    light = fit_light(colour, np.zeros_like(colour), maps.basis, trust, start, first=True)
    residual = np.empty_like(colour)
    subtract_expected(colour, np.zeros_like(colour), light, SEEN, residual)
    return residual


def test_light_from_one_side_is_fitted_away() -> None:
    one_sided = colours() + 0.5 * atlas().basis[1] + 0.3 * atlas().basis[2]
    assert float(np.abs(fitted(one_sided)).mean()) < 0.02


def test_a_dark_thing_does_not_pull_the_light() -> None:
    covered = colours() + 0.2 * atlas().basis[1]
    covered[0, 70:110, 40:70] -= 1.0
    residual = fitted(covered)
    assert float(residual[0, 75:105, 45:65].mean()) < -0.85
    assert abs(float(np.median(residual[0, :60]))) < 0.03


def test_averages_stop_at_edges() -> None:
    step = np.zeros((3, SIZE, SIZE), np.float32)
    step[:, :, SIZE // 2 :] = 1.0
    noisy = step[0] + np.random.default_rng(1).normal(0, 0.1, (SIZE, SIZE)).astype(np.float32)
    even = spread(noisy, SEEN, *connect(step, SEEN, 0.92, 0.0))
    assert even[:, : SIZE // 2].std() < 0.04
    assert even[:, SIZE // 2].mean() - even[:, SIZE // 2 - 1].mean() > 0.95


def test_what_is_not_seen_gives_nothing_and_takes_what_reaches_it() -> None:
    known = SEEN.copy()
    known[:, 50:60] = 0
    field = np.where(known > 0, np.float32(1), np.float32(-100))
    flat = np.zeros((3, SIZE, SIZE), np.float32)
    assert spread(field, known, *connect(flat, known, 0.92, 0.0)).min() > 0.0


def test_evidence_is_zero_at_three_deviations_and_bounded() -> None:
    residual = np.zeros((3, SIZE, SIZE), np.float32)
    residual[0, 0], residual[0, 1] = 0.3, 9.0
    variance = np.full((2, SIZE, SIZE), 0.01, np.float32)
    evidence = np.empty((SIZE, SIZE), np.float32)
    weigh(residual, np.full((SIZE, SIZE), 1e6, np.float32), SEEN, variance, 1.5, 4.5, evidence)
    np.testing.assert_allclose(evidence[0], 0.0, atol=1e-3)
    assert evidence[1].max() == CERTAIN


def _structure(residual: np.ndarray, mean: np.ndarray, age: np.ndarray = SEEN * 100) -> np.ndarray:
    evidence = np.full((SIZE, SIZE), -4.0, np.float32)
    nowhere = np.zeros_like(SEEN)
    correlation, weight = correlate(residual, mean, SEEN, nowhere, evidence, 0.01, age, 1.0)
    add_structure(evidence, SEEN, correlation, weight, np.full_like(correlation, 0.8), np.full_like(SEEN, 100.0))
    return evidence


def test_missing_structure_speaks_for_a_thing_whatever_its_colour() -> None:
    mean = np.zeros((3, SIZE, SIZE), np.float32)
    mean[0] = 0.3 * np.sin(np.arange(SIZE) / 2)[:, None]
    flat = -mean
    assert _structure(flat, mean)[40:70, 40:70].min() > 0
    brighter = np.full_like(mean, 0.3)
    assert _structure(brighter, mean).max() < -4.0


def test_a_part_never_seen_says_nothing_beside_one_that_is_known() -> None:
    mean, age = np.zeros((3, SIZE, SIZE), np.float32), SEEN * 100
    mean[0, :, SIZE // 2 :] = 0.4
    age[:, SIZE // 2 :] = 0
    assert _structure(-mean, mean).max() > 0
    assert _structure(-mean, mean, age).max() < -3.0


def test_a_flat_eye_is_missed_on_a_stranger_and_not_on_a_face_long_known() -> None:
    maps = atlas()
    residual = colours(sigma=0.3)
    residual[:, maps.parts == 1] = 0.01
    mean = np.zeros_like(residual)
    for age, expected in ((0.0, True), (50.0, False)):
        evidence = np.full((SIZE, SIZE), -4.0, np.float32)
        add_missing(evidence, residual, mean, SEEN, np.full_like(SEEN, age), maps.parts, 0.01)
        assert bool((evidence[maps.parts == 1] > 0).all()) == expected
        assert (evidence[maps.parts != 1] < 0).all()


def test_a_picture_without_contrast_misses_nothing() -> None:
    evidence = np.full((SIZE, SIZE), -4.0, np.float32)
    add_missing(evidence, colours(), colours() * 0, SEEN, SEEN * 0, atlas().parts, 0.0)
    assert evidence.max() < 0


def test_thin_lines_are_seen_on_unknown_skin_only() -> None:
    residual = colours(sigma=0.002)
    residual[0, 60, 20:90] -= 0.6
    noise = np.full(3, 0.002, np.float32)
    plain = np.ones_like(SEEN)
    evidence = np.full((SIZE, SIZE), -4.0, np.float32)
    doubt = add_thin(evidence, residual, SEEN, SEEN * 0, plain, SKIN, noise, 4.5)
    assert doubt is not None
    assert evidence[60, 40:60].min() > 0
    assert evidence[50].max() < 0
    assert add_thin(evidence, residual, SEEN, SEEN * 50, plain, SKIN, noise, 4.5) is None


def test_skin_between_two_dark_lines_is_no_light_line() -> None:
    residual = np.zeros((3, SIZE, SIZE), np.float32)
    residual[0, 60], residual[0, 65] = -0.8, -0.8
    evidence = np.full((SIZE, SIZE), -4.0, np.float32)
    add_thin(evidence, residual, SEEN, SEEN * 0, SEEN, SKIN, np.zeros(3, np.float32), 4.5)
    assert evidence[60].max() > 0
    assert evidence[62:64].max() < 0
