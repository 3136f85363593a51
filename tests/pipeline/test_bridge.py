import numpy as np
import pytest

from liveswapping.domain.face import Face
from liveswapping.pipeline.bridge import Bridge

GAP = 4


def face(track, x, width=100.0):
    box = np.array([x, 50, x + width, 50 + width], np.float32)
    mesh = np.full((478, 3), x, np.float32)
    return Face(box, np.full((5, 2), x, np.float32), 0.9, mesh, None, track)


def walk(bridge, film):
    """What comes out for each frame of a film: its faces, each read only as far ahead as the bridge asks."""
    return [bridge.fill(faces, iter(film[number + 1 :])) for number, faces in enumerate(film)]


def test_a_gap_is_bridged_on_a_straight_line():
    film = [[face(7, 10)], [], [], [face(7, 40)]]
    filled = walk(Bridge(GAP), film)
    assert [faces[0].track_id for faces in filled] == [7] * 4
    assert [float(faces[0].mesh[0, 0]) for faces in filled] == pytest.approx([10, 20, 30, 40])
    assert [float(faces[0].box[0]) for faces in filled] == pytest.approx([10, 20, 30, 40])


@pytest.mark.parametrize(
    "film",
    [
        [[face(7, 10)], *[[]] * (GAP + 1), [face(7, 40)]],  # too long
        [[face(7, 10)], [], [face(8, 40)]],  # somebody else
        [[face(7, 10)], [], [face(7, 400)]],  # elsewhere
        [[face(7, 10)], [], [face(7, 10, width=200)]],  # of another size
        [[face(-1, 10)], [], [face(-1, 10)]],  # not tracked
        [[face(7, 10)], [], []],  # gone
    ],
)
def test_what_is_no_gap_stays_open(film):
    assert [len(faces) for faces in walk(Bridge(GAP), film)] == [len(faces) for faces in film]


def test_nobody_looks_ahead_while_no_face_is_missing():
    def never():
        raise AssertionError("looked ahead")
        yield

    bridge = Bridge(GAP)
    for x in range(5):
        assert len(bridge.fill([face(1, x), face(2, 300 + x)], never())) == 2


def test_it_goes_on_from_its_state_as_if_nothing_had_happened():
    film = [[face(7, 10)], [], [], [face(7, 40)]]
    whole = walk(Bridge(GAP), film)
    first, second = Bridge(GAP), Bridge(GAP)
    first.fill(film[0], iter(film[1:]))
    first.fill(film[1], iter(film[2:]))
    second.restore(first.state())
    assert float(second.fill(film[2], iter(film[3:]))[0].mesh[0, 0]) == float(whole[2][0].mesh[0, 0])
