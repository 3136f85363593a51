from __future__ import annotations

import numpy as np
import pytest

from liveswapping.imaging.face_mesh import FOREHEAD, POINTS, face_mesh
from liveswapping.masks.atlas import SIZE, atlas
from liveswapping.masks.roots import with_roots

TOP = int(face_mesh().uv[:POINTS][FOREHEAD, 1] * (SIZE - 1))
MIDDLE = SIZE // 2


def hidden(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """Flags inside boxes (left, top, right, bottom), counted from the middle of the forehead's upper edge."""
    flags = np.zeros((SIZE, SIZE), np.uint8)
    for left, top, right, bottom in boxes:
        flags[TOP + top : TOP + bottom, MIDDLE + left : MIDDLE + right] = 1
    return flags * (atlas().triangle >= 0).astype(np.uint8)


def test_a_fringe_is_closed_up_to_the_hairline() -> None:
    rooted = with_roots(hidden((-22, 9, 22, 16)))
    assert rooted[TOP + 2 : TOP + 9, MIDDLE - 12 : MIDDLE + 12].mean() > 0.9
    assert not rooted[TOP + 17 :].any()


def test_what_is_closed_lies_on_the_face() -> None:
    rooted = with_roots(hidden((-22, 9, 22, 16)))
    assert not rooted[atlas().triangle < 0].any()


@pytest.mark.parametrize(
    "box", [(-15, 22, 15, 33), (-8, 7, -6, 25), (-12, 75, 12, 90)], ids=["a hand further down", "a strand", "the chin"]
)
def test_the_forehead_above_what_has_no_roots_stays_free(box: tuple[int, int, int, int]) -> None:
    flags = hidden(box)
    np.testing.assert_array_equal(with_roots(flags), flags)


def test_a_thin_edge_is_a_fringe_and_is_closed_where_it_hangs_lower_than_to_both_sides() -> None:
    rooted = with_roots(hidden((-26, 10, -8, 13), (-8, 13, 8, 16), (8, 10, 26, 13)))
    assert rooted[TOP + 3 : TOP + 13, MIDDLE - 5 : MIDDLE + 5].mean() > 0.9
    assert not rooted[TOP + 17 :].any()
