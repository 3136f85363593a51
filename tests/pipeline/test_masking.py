"""What of a face is known to be visible while this frame's masks are made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image, Mask, Region
from liveswapping.pipeline import masking
from liveswapping.pipeline.masking import Masking

IMAGE = np.zeros((8, 8, 3), np.uint8)


def face(track: int) -> Face:
    return Face(np.float32([0, 0, 4, 4]), np.zeros((5, 2), np.float32), 1.0, track_id=track)


class Numbering:
    """Every mask holds the number of its frame."""

    def __init__(self) -> None:
        self.frame = 0

    def start(self, image: Image) -> None:
        self.frame += 1

    def mask(self, image: Image, face: Face) -> Mask:
        return Mask(Region(0, 0, 1, 1), np.full((1, 1), self.frame, np.float32))

    def reset(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture(params=[True, False], ids=["a core to spare", "none to spare"])
def work(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Masking]:
    monkeypatch.setattr(masking, "spare", lambda: request.param)
    made = Masking(Numbering())
    yield made
    made.close()


def frame(work: Masking, faces: list[Face]) -> tuple[list[float], list[float]]:
    """Numbers of the frames whose masks light is taken by, and of those that are pasted through."""
    begun = work.begin(IMAGE, faces)
    known = [float(mask.values[0, 0]) for mask in work.visible(faces, begun) if mask]
    return known, [float(mask.values[0, 0]) for mask in work.finish(faces, begun) if mask]


def test_light_is_taken_by_the_last_frames_mask_whether_or_not_this_ones_is_done(work: Masking) -> None:
    assert frame(work, [face(1)]) == ([1], [1])
    assert frame(work, [face(1)]) == ([1], [2])
    assert frame(work, [face(1)]) == ([2], [3])


def test_a_new_face_waits_for_its_mask(work: Masking) -> None:
    frame(work, [face(1)])
    assert frame(work, [face(1), face(2)]) == ([2, 2], [2, 2])


def test_a_face_that_nobody_follows_always_waits(work: Masking) -> None:
    for number in (1, 2, 3):
        assert frame(work, [face(-1)]) == ([number], [number])


def test_after_a_cut_nothing_old_is_used(work: Masking) -> None:
    frame(work, [face(1)])
    work.reset()
    assert frame(work, [face(1)]) == ([2], [2])
