"""High dynamic range to the usual one: what is brighter than white is pressed below it, colours keep their hue.

Sources: ITU-R BT.2100 (PQ and HLG), BT.2408 (white of graphics at 203 cd/m²), BT.2087 (BT.2020 to BT.709), BT.1886
(the display's curve); the shoulder is the extended curve of Reinhard et al. (2002), above a knee.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.bands import run_bands

CURVES: Final = {16: "PQ", 18: "HLG"}
"""AVCOL_TRC_SMPTE2084 and AVCOL_TRC_ARIB_STD_B67, and what people call them."""
BITS: Final = 10
_WHITE: Final = 203.0
"""cd/m² that become white."""
_PEAK: Final = 1000.0
"""cd/m² that no film's highlights exceed by much; HLG's nominal peak."""
_KNEE: Final = 0.5
"""Below this share of white light stays as it is."""
_STEPS: Final = 4096
_TO_709: Final = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)


@cache
def _light(curve: int) -> F32:
    """(1024,) light by value, white at 1; of HLG the scene's, its peak at 1."""
    value = np.linspace(0, 1, 1 << BITS)
    if CURVES[curve] == "PQ":
        root = value ** (1 / 78.84375)
        nits = 10000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
        return np.asarray(nits / _WHITE, np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.asarray(np.where(value <= 0.5, value**2 / 3, (np.exp((value - c) / a) + b) / 12), np.float32)


@cache
def _display() -> NDArray[np.uint8]:
    """(4096,) levels by the square root of light: the inverse of BT.1886."""
    return np.rint(255 * np.linspace(0, 1, _STEPS) ** (2 / 2.4)).astype(np.uint8)


@njit(nogil=True, cache=True)
def _map(
    red: NDArray[np.uint16], green: NDArray[np.uint16], blue: NDArray[np.uint16], light: F32, scene: bool,
    to_709: F32, display: NDArray[np.uint8], out: NDArray[np.uint8], first_row: int, end_row: int,
) -> None:  # fmt: skip
    """Fill rows of `out` (H, W, 3, BGR) from planes of 10 bits; `scene`: light is the scene's, HLG's OOTF is due."""
    knee, rest = np.float32(_KNEE), np.float32(1 - _KNEE)
    peak = (np.float32(_PEAK / _WHITE) - knee) / rest
    most = np.float32(display.shape[0] - 1)
    one, zero = np.float32(1), np.float32(0)
    for y in range(first_row, end_row):
        for x in range(out.shape[1]):
            r, g, b = light[red[y, x]], light[green[y, x]], light[blue[y, x]]
            if scene:
                luma = np.float32(0.2627) * r + np.float32(0.678) * g + np.float32(0.0593) * b
                gain = np.float32(_PEAK / _WHITE) * max(luma, np.float32(1e-6)) ** np.float32(0.2)
                r, g, b = r * gain, g * gain, b * gain
            top = max(r, g, b)
            if top > knee:
                above = (top - knee) / rest
                pressed = knee + rest * above * (one + above / (peak * peak)) / (one + above)
                share = min(pressed, one) / top
                r, g, b = r * share, g * share, b * share
            for c in range(3):
                value = to_709[2 - c, 0] * r + to_709[2 - c, 1] * g + to_709[2 - c, 2] * b
                out[y, x, c] = display[int(np.sqrt(min(max(value, zero), one)) * most + np.float32(0.5))]


def tone_mapped(
    red: NDArray[np.uint16], green: NDArray[np.uint16], blue: NDArray[np.uint16], curve: int, out: Image
) -> None:
    """Fill `out` with the BT.709 picture of BT.2020 planes (H, W) of 10 bits, full range; `curve` is in CURVES."""
    scene = CURVES[curve] == "HLG"
    run_bands(partial(_map, red, green, blue, _light(curve), scene, _TO_709, _display(), out), out.shape[0])
