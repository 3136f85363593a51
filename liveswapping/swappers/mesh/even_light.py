"""What a photograph's light still does to a face after its low frequencies are out: shadows, shading, highlights."""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.frame import F32
from liveswapping.imaging import face_zones
from liveswapping.imaging.face_mesh import POINTS, face_mesh
from liveswapping.swappers.mesh.light import LUMA, Light

SHADOW: Final = 0.027
"""Blur, in UV units, that leaves a shadow and takes away what makes a face."""
SHADOW_LIFTED: Final = 0.4
"""How much of a one-sided shadow is taken away; the rest keeps asymmetries that are the person's."""
SHADING: Final = 0.25
"""Standard deviation of log shading over a face in even light."""
HIGHLIGHTS: Final = 0.7
"""How strongly what is brighter than its surroundings is held down: 1.4 times the light becomes 1.31 times."""
ONE_SIDED: Final = (0.15, 0.35)
"""Mean difference of log light between the two sides: even light, and light that leaves half of a face in shadow."""
CAST: Final = 0.04
"""Blur, in UV units, of what a shadow in one-sided light leaves behind on plain skin."""
CAST_LIFTED: Final = 0.5
"""How much of that is taken away: all of it would take the face's own relief along."""
DEEP: Final = (0.1, 0.5)
"""Log shade from which on, and from which on fully, a lifted shadow shows more grain than skin."""
GRAIN: Final = 0.02
"""Blur, in UV units, that takes that grain out."""


def evenly_lit(detail: F32, sure: F32) -> F32:
    """Soften what is too sharp to have gone out with the low frequencies. `detail` (S, S, 3), `sure` (S, S).

    What is darker than the same place on the other side is a shadow and is lifted; what shading remains is kept
    within what even light gives; highlights are the lamp's, not the person's, and are held down; and the dark
    parts of a warm photograph (brows, nostrils) lose the red that only the exposure gave them.
    """
    shade = _shade(detail, sure, SHADOW * len(detail))
    even = shade + SHADOW_LIFTED * np.maximum(shade[:, ::-1] - shade, 0.0)
    skin = sure > 0.5
    spread = float(even[skin].std()) if skin.any() else 0.0
    even = even * min(1.0, SHADING / max(spread, 1e-6))
    ratio = (1.0 + detail) * np.exp(even - shade)[..., None]
    luma = np.maximum(ratio @ LUMA, 0.0)[..., None]
    bright = np.maximum(luma - 1.0, 0.0)
    held = np.minimum(luma, 1.0) + bright / (1.0 + HIGHLIGHTS * bright)
    colour = (ratio - luma) * np.clip(luma, 0.3, 1.0) ** 0.3
    return np.asarray(held + colour - 1.0, np.float32)


def without_cast_shadow(detail: F32, sure: F32, light: Light) -> F32:
    """Take out what is left of a shadow that covers a side of the face, before the other side is filled from it.

    Only where the light comes from one side: a beard is dark on both, and is the person's.
    """
    harsh = CAST_LIFTED * _one_sided(light)
    if harsh == 0.0:
        return detail
    plain = _plain_skin(len(detail))
    shade = _shade(detail, (sure + 0.05) * plain, CAST * len(detail))
    lifted = (1.0 + detail) * np.exp(-harsh * shade)[..., None]
    deep = harsh * plain * np.clip((-shade - DEEP[0]) / (DEEP[1] - DEEP[0]), 0.0, 1.0)
    calm = cv2.GaussianBlur(lifted, (0, 0), GRAIN * len(detail))
    return np.asarray(lifted + deep[..., None] * (calm - lifted) - 1.0, np.float32)


def _shade(detail: F32, weight: F32, sigma: float) -> F32:
    """(S, S) log of the local mean of luma, as far as there is `weight`."""
    weights = cv2.GaussianBlur(weight, (0, 0), sigma) + 1e-3
    shade = 1.0 + cv2.GaussianBlur((detail @ LUMA) * weight, (0, 0), sigma) / weights
    return np.asarray(np.log(np.clip(shade, 0.1, 3.0)), np.float32)


def _one_sided(light: Light) -> float:
    """0 in even light, 1 where one half of the face lies in shadow."""
    luma = np.log(np.maximum(light.colour[:POINTS] @ LUMA, 8.0))
    apart = float(np.abs(luma - luma[face_mesh().mirror[:POINTS]]).mean())
    return float(np.clip((apart - ONE_SIDED[0]) / (ONE_SIDED[1] - ONE_SIDED[0]), 0.0, 1.0))


@cache
def _plain_skin(size: int) -> F32:
    """(size, size) 0 on brows, eyes, lips and nostrils."""
    plain = cv2.resize(face_zones.features(), (size, size), interpolation=cv2.INTER_LINEAR)
    return np.asarray(1.0 - plain, np.float32)
