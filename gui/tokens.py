"""The few numbers and colours that everything on the screen is made of."""

from __future__ import annotations

from dataclasses import dataclass

UNIT = 4
"""All distances are multiples of it, in logical pixels."""
GAP_XS, GAP_S, GAP_M, GAP_L, GAP_XL = UNIT, 2 * UNIT, 3 * UNIT, 4 * UNIT, 6 * UNIT
RADIUS_S, RADIUS_M, RADIUS_L = 6, 8, 12
CONTROL = 32
"""Height of what is clicked on."""
CONTROL_L = 44
"""Height of the one thing that matters most on a page."""
ICON = 20
RAIL = 100
"""Width of the navigation."""
SIDE, SIDE_NARROW = 296, 248
"""Width of the panels beside the preview, and where there is little room."""

TEXT_CAPTION, TEXT_BODY, TEXT_STRONG, TEXT_TITLE, TEXT_DISPLAY = 11, 13, 14, 20, 28
"""Sizes of type, in logical pixels."""
FAMILIES = ("Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans", "DejaVu Sans")


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme. Text on its background has at least 4.5 : 1."""

    dark: bool
    ground: str
    """Behind everything."""
    surface: str
    """Panels."""
    raised: str
    """Controls on a panel."""
    hover: str
    line: str
    text: str
    muted: str
    accent: str
    """What can be done next."""
    accent_hover: str
    accent_text: str
    """On `accent`."""
    accent_soft: str
    """Behind what is chosen."""
    accent_ink: str
    """The accent as a colour of text and lines on `surface`."""
    live: str
    """On air, recording, errors."""
    good: str
    warn: str
    stage: str
    """Behind the picture: dark in both themes, so that the picture is judged alike."""
    stage_text: str


DARK = Colours(
    dark=True,
    ground="#0e1014",
    surface="#16191f",
    raised="#20242d",
    hover="#2a2f3a",
    line="#292e38",
    text="#eceef3",
    muted="#9aa3b3",
    accent="#5263f7",
    accent_hover="#6d7dff",
    accent_text="#ffffff",
    accent_soft="#252b4d",
    accent_ink="#a3aeff",
    live="#ff5a67",
    good="#45d08f",
    warn="#f5b34c",
    stage="#08090b",
    stage_text="#a9b1c0",
)
LIGHT = Colours(
    dark=False,
    ground="#eef0f4",
    surface="#ffffff",
    raised="#f1f3f7",
    hover="#e5e8ef",
    line="#dde1e9",
    text="#161a22",
    muted="#586274",
    accent="#4355e8",
    accent_hover="#3546d6",
    accent_text="#ffffff",
    accent_soft="#e4e8ff",
    accent_ink="#3546d6",
    live="#d4283a",
    good="#0f7f4f",
    warn="#945c00",
    stage="#0b0d11",
    stage_text="#a9b1c0",
)
