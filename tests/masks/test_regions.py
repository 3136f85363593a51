from __future__ import annotations

import numpy as np

from liveswapping.masks.regions import departed, find_regions, grow, outlined, soften

SIZE = 40
FACE = np.zeros((SIZE, SIZE), np.int32)


def field(value: float = -4.0) -> np.ndarray:
    return np.full((SIZE, SIZE), value, np.float32)


def test_doubtful_texels_count_when_they_hang_on_a_sure_one() -> None:
    evidence = field()
    evidence[10, 5:25] = 0.6
    evidence[10, 8] = 5.0
    evidence[30, 5:60] = 0.6
    found = find_regions(evidence, FACE, 1.0, 10.0)
    assert found[10, 5:25].all()
    assert not found[30].any()


def test_what_is_sure_but_tiny_is_noise() -> None:
    evidence = field()
    evidence[5, 5] = 6.0
    assert not find_regions(evidence, FACE, 1.0, 10.0).any()


def test_nothing_is_found_outside_the_face() -> None:
    outside = np.full_like(FACE, -1)
    assert not find_regions(field(6.0), outside, 1.0, 10.0).any()


def test_two_arms_that_meet_below_are_one_region() -> None:
    evidence = field()
    evidence[5:20, 5] = evidence[5:20, 15] = 0.4
    evidence[20, 5:16] = 0.4
    evidence[5, 15] = 8.0
    assert find_regions(evidence, FACE, 1.0, 10.0)[5, 5] == 1


def test_a_thing_has_an_outline_in_the_picture_and_a_wrong_memory_has_it_in_memory() -> None:
    flags = np.zeros((SIZE, SIZE), np.uint8)
    flags[10:20, 10:20] = 1
    smooth = np.zeros((3, SIZE, SIZE), np.float32)
    stepped = smooth + 0.2 * flags
    seen = np.ones((SIZE, SIZE), np.float32)
    assert outlined(flags, stepped, smooth, seen, 0.04)[15, 15] == 1
    assert not outlined(flags, smooth, stepped, seen, 0.04).any()
    assert not outlined(flags, smooth, smooth, seen, 0.04).any()


def test_flags_grow_and_soften_symmetrically() -> None:
    flags = np.zeros((SIZE, SIZE), np.uint8)
    flags[20, 20] = 1
    assert grow(flags, 2).sum() == 25
    soft = soften(flags)
    np.testing.assert_allclose(soft.sum(), 1.0, rtol=1e-5)
    np.testing.assert_allclose(soft, soft.T)


def test_a_thing_left_when_most_of_what_it_hid_is_free_and_shows_something_else() -> None:
    core = np.ones((SIZE, SIZE), np.uint8)
    before, beside, moved = (np.zeros((SIZE, SIZE), np.uint8) for _ in range(3))
    before[5:20, 5:20] = beside[24:30, 5:20] = moved[5:20, 8:23] = 1
    then = np.zeros((3, SIZE, SIZE), np.float32)
    now = then + np.float32(0.3) * before
    assert departed(before, beside, core, then, now)
    assert departed(before, np.zeros_like(before), core, then, now)
    assert not departed(before, moved, core, then, now)
    assert not departed(before, beside, core, then, then)
    assert not departed(before, beside, 1 - before, then, now)
