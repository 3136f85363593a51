"""Where an engine that follows five keypoints would put its crop: what it draws moves as one stiff picture.

Such an engine takes the similarity that brings the face's keypoints nearest to places of its own (Umeyama 1991). The
places are not told; each answer's matrix gives four equations for them, and to begin with they are those that swap
networks share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.imaging.align import SWAP, similarity

_C128 = NDArray[np.complex128]
_TRUSTED: Final = 1e-6
"""Weight of the places to begin with, beside the answers' equations."""


def places(answers: Sequence[tuple[F32, F32]]) -> F32:
    """(5, 2) where keypoints lie in crops, from `answers`: each one's keypoints (5, 2) and matrix (2, 3) to its crop.

    All crops are of the newest one's size: answers of other sizes are to be left out.
    """
    keypoints, matrix = answers[-1]
    seen = keypoints @ matrix[:, :2].T + matrix[:, 2]
    shape = np.asarray(SWAP.points, np.float32)
    away = np.linalg.inv(np.vstack([similarity(seen, shape), [0.0, 0.0, 1.0]]))[:2]  # exact where the shape is theirs
    start = (shape @ away[:, :2].T + away[:, 2]) @ (1.0, 1j)
    rows, wanted = [np.eye(5, dtype=complex) * _TRUSTED], [start * _TRUSTED]
    for points, found in answers:
        p = np.asarray(points, np.float64) @ (1.0, 1j)
        centred = p - p.mean()
        turn = centred.conj() / np.sum(np.abs(centred) ** 2)
        turned, shift = complex(found[0, 0], found[1, 0]), complex(found[0, 2], found[1, 2])
        reach = float(np.abs(centred).mean())  # both equations in pixels of the crop
        rows += [turn[None] * reach, np.full((1, 5), 0.2 + 0j)]
        wanted += [np.array([turned * reach]), np.array([shift + turned * p.mean()])]
    solved, *_ = np.linalg.lstsq(np.concatenate(rows), np.concatenate(wanted), rcond=None)
    return np.stack([solved.real, solved.imag], axis=1).astype(np.float32)


def to_earlier(keypoints: F32, then: F32, where: F32) -> F32:
    """(2, 3) from a frame with `keypoints` to the earlier one whose crop had the matrix `then`; `where`: `places`."""
    now = np.vstack([similarity(keypoints, where), [0.0, 0.0, 1.0]])
    back = np.linalg.inv(np.vstack([then, [0.0, 0.0, 1.0]]))
    return np.asarray((back @ now)[:2], np.float32)
