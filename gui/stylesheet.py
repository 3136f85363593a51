"""The style sheet of a theme. Widgets say what they are by their properties `role` and `tone`."""

from __future__ import annotations

from pathlib import Path
from string import Template

from gui import tokens
from gui.tokens import Colours

_ICONS = (Path(__file__).parent / "icons").as_posix()

_SHEET = Template("""
QWidget { color: $text; font-size: ${body}px; }
QMainWindow, QDialog, QWidget[role="page"] { background: $ground; }
QWidget[role="stack"] { background: transparent; }
QLabel { background: transparent; }
QLabel[role="caption"] { color: $muted; font-size: ${caption}px; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="heading"] { font-size: ${strong}px; font-weight: 600; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="display"] { font-size: ${display}px; font-weight: 700; }
QLabel[role="step"] { color: $accent_ink; background: $accent_soft; border-radius: 10px; font-size: ${caption}px;
  font-weight: 700; min-width: 20px; max-width: 20px; min-height: 20px; max-height: 20px; }
QLabel[tone="good"] { color: $good; } QLabel[tone="warn"] { color: $warn; } QLabel[tone="bad"] { color: $live; }
QLabel:disabled { color: $faded; }

QFrame[role="card"] { background: $surface; border: 1px solid $line; border-radius: ${radius_l}px; }
QFrame[role="rail"] { background: $surface; border-right: 1px solid $line; }
QFrame[role="status"] { background: $surface; border-top: 1px solid $line; }
QFrame[role="rule"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="toolbar"] { background: $surface; border: 1px solid $line; border-radius: ${radius_l}px; }
QFrame[role="banner"] { background: $surface; border: 1px solid $line; border-left: 4px solid $accent;
  border-radius: ${radius_m}px; }
QFrame[role="banner"][tone="bad"] { border-left-color: $live; }
QFrame[role="banner"][tone="warn"] { border-left-color: $warn; }
QFrame[role="banner"][tone="good"] { border-left-color: $good; }
QFrame[role="drop"] { background: transparent; border: 1px dashed $muted; border-radius: ${radius_l}px; }
QFrame[role="drop"][tone="over"] { background: $accent_soft; border: 2px dashed $accent; }

QPushButton { background: $raised; border: 1px solid $line; border-radius: ${radius_m}px; padding: 0 ${gap_m}px;
  min-height: ${control_inner}px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $line; }
QPushButton:checked { background: $accent_soft; border-color: $accent; color: $accent_ink; }
QPushButton:disabled { color: $faded; background: $surface; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton[role="primary"] { background: $accent; border-color: $accent; color: $accent_text; font-weight: 600; }
QPushButton[role="primary"]:hover { background: $accent_hover; }
QPushButton[role="primary"]:focus { border: 2px solid $accent_ink; }
QPushButton[role="primary"]:disabled { background: $raised; border-color: $line; color: $muted; }
QPushButton[role="start"] { background: $accent; border: 1px solid $accent; color: $accent_text; font-weight: 600;
  font-size: 15px; min-height: ${control_l_inner}px; border-radius: 10px; }
QPushButton[role="start"]:hover { background: $accent_hover; }
QPushButton[role="start"]:focus { border: 2px solid $accent_ink; }
QPushButton[role="start"]:disabled { background: $raised; border-color: $line; color: $muted; }
QPushButton[role="start"][tone="live"] { background: $raised; border-color: $live; color: $live; }
QPushButton[role="start"][tone="live"]:hover { background: $hover; }
QPushButton[role="link"] { background: transparent; border: none; color: $accent_ink; padding: 0 ${gap_xs}px; }
QPushButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="link"]:focus { border: 1px solid $accent; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: ${radius_m}px; padding: 0; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $line; }
QToolButton:checked { background: $accent_soft; color: $accent_ink; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton:disabled { color: $faded; }
QToolButton[role="nav"] { font-size: ${caption}px; color: $muted; border-radius: 10px; }
QToolButton[role="nav"]:hover { color: $text; background: $raised; }
QToolButton[role="nav"]:checked { color: $accent_ink; background: $accent_soft; font-weight: 600; }
QToolButton[role="nav"]:disabled { color: $faded; background: transparent; }

QComboBox, QLineEdit, QSpinBox, QDoubleSpinBox, QKeySequenceEdit QLineEdit { background: $raised;
  border: 1px solid $line; border-radius: ${radius_m}px; padding: 0 ${gap_s}px; min-height: ${control_inner}px; }
QComboBox:hover, QLineEdit:hover, QSpinBox:hover { background: $hover; }
QComboBox:focus, QLineEdit:focus, QSpinBox:focus { border: 1px solid $accent; }
QComboBox:disabled, QLineEdit:disabled, QSpinBox:disabled { color: $faded; }
QSpinBox QLineEdit, QComboBox QLineEdit { border: none; background: transparent; padding: 0; min-height: 0; }
QComboBox::drop-down { border: none; width: 28px; }
QComboBox::down-arrow { image: url("$icons/combo-arrow.svg"); width: 16px; height: 16px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; border-radius: ${radius_m}px; padding: 4px;
  outline: none; selection-background-color: $accent; selection-color: $accent_text; }
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 ${gap_s}px; border-radius: ${radius_s}px; }
QSpinBox::up-button, QSpinBox::down-button { width: 0; border: none; }

QCheckBox { spacing: ${gap_s}px; }
QCheckBox::indicator { width: 18px; height: 18px; border: 1px solid $muted; border-radius: 5px; background: $raised; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$icons/check-mark.svg"); }
QCheckBox::indicator:focus { border: 2px solid $accent_ink; }

QScrollArea, QScrollArea > QWidget > QWidget[role="scrolled"] { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $line; border-radius: 3px; min-height: 32px; margin: 2px; }
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: $line; border-radius: 3px; min-width: 32px; margin: 2px; }
QScrollBar::handle:horizontal:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: none;
  border: none; width: 0; height: 0; }

QProgressBar { background: $raised; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QPlainTextEdit { background: $raised; border: 1px solid $line; border-radius: ${radius_m}px; padding: ${gap_s}px;
  font-family: "JetBrains Mono", "Cascadia Mono", "SF Mono", "DejaVu Sans Mono", monospace; font-size: 12px; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 6px; }
QMenu { background: $raised; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: ${radius_s}px; }
QMenu::item:selected { background: $accent; color: $accent_text; }
QMenu::separator { height: 1px; background: $line; margin: 4px; }
""")


def stylesheet(colours: Colours) -> str:
    """All rules, in these colours."""
    return _SHEET.substitute(
        {name: getattr(colours, name) for name in Colours.__slots__},  # type: ignore[attr-defined, unused-ignore]
        faded=_mixed(colours.muted, colours.surface),
        icons=_ICONS,
        caption=tokens.TEXT_CAPTION,
        body=tokens.TEXT_BODY,
        strong=tokens.TEXT_STRONG,
        title=tokens.TEXT_TITLE,
        display=tokens.TEXT_DISPLAY,
        gap_xs=tokens.GAP_XS,
        gap_s=tokens.GAP_S,
        gap_m=tokens.GAP_M,
        radius_s=tokens.RADIUS_S,
        radius_m=tokens.RADIUS_M,
        radius_l=tokens.RADIUS_L,
        control_inner=tokens.CONTROL - 2,
        control_l_inner=tokens.CONTROL_L - 2,
    )


def _mixed(one: str, other: str) -> str:
    """Half way between two colours: what cannot be used now."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{(a + b) // 2:02x}" for a, b in pairs)
