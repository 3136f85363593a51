"""How a swapped face shall look. Every slider of the user, none of the engine's inner constants."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """The user's sliders, all 0..1, and switches. Frozen: a change is a new Look."""

    opacity: float = 1.0
    """0 shows the target's own face, 1 the swapped one."""
    shape: float = 1.0
    """How far the target's face is moved towards the source's proportions. 0: not at all."""
    colour: float = 1.0
    """How far the swapped face takes the target's light and colour. 0: keeps the photograph's."""
    sharpness: float = 0.0
    """Unsharp masking of the swapped face. 0: none."""
    edge: float = 0.5
    """How soft the border between swapped face and frame is. 0: hardest."""
    erode: float = 0.0
    """How far the border is moved inwards. 0: not at all, 1: by a quarter of the face."""
    keep_mouth: bool = False
    """Lips and mouth stay the target's (`--mouth_mask`). Teeth and tongue always do."""
    keep_eyes: bool = False
    """Eyes and lids stay the target's."""
    box_mask: bool = False
    """Swap networks: all of the aligned square is pasted, not the face's outline alone."""
