"""How an animated portrait moves: a minute of head sway, speech, blinks and light, worked out ahead.

Everything is periodic, so that the minute repeats without a jump, and follows from the seed alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from liveswapping.domain.frame import F32

SECONDS = 60
"""After this long the motion repeats."""
_BREATHS = 16
"""A minute: adults at rest breathe 12 to 20 times."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a portrait does at one moment; all zeros is the photograph as it is."""

    yaw: float = 0.0
    """Radians; positive turns the nose to the image's right."""
    pitch: float = 0.0
    """Radians; positive lowers the nose."""
    roll: float = 0.0
    """Radians; positive turns clockwise in the image."""
    shift_x: float = 0.0
    """In face widths."""
    shift_y: float = 0.0
    """In face widths."""
    nearness: float = 0.0
    """0.02 is 2 % larger."""
    breath: float = 0.0
    """-1..1: how far the chest is raised."""
    blink: float = 0.0
    """0 open .. 1 closed."""
    gaze: float = 0.0
    """-1..1: where the irises are, left to right."""
    brows: float = 0.0
    """-1 lowered .. 1 raised."""
    jaw: float = 0.0
    """-1 lips closed as far as the photograph allows, 0 as photographed, 1 wide open."""
    lips: float = 0.0
    """-1 pursed .. 1 spread."""
    light_x: float = 0.0
    """-1..1: the side that is brighter."""
    light_y: float = 0.0
    """-1 brighter above .. 1 brighter below."""
    warmth: float = 0.0
    """-1 bluish .. 1 reddish."""


def moments(fps: float, seed: int) -> list[Moment]:
    """A minute of motion at `fps` frames a second; the moment after the last is the first."""
    count = round(SECONDS * fps)
    rng = np.random.default_rng(seed)
    sway = _drift(rng, count, 1.1 * fps, np.radians(13.0))
    jaw, lips = _speech(rng, count, fps)
    nod = _smooth(np.maximum(jaw, 0.0), 0.09 * fps)
    columns = {
        "yaw": sway,
        "pitch": _drift(rng, count, 0.9 * fps, np.radians(6.5)) + np.radians(2.0) * (nod - nod.mean()),
        "roll": _drift(rng, count, 1.2 * fps, np.radians(5.0)) + 0.15 * sway,
        "shift_x": _drift(rng, count, 1.5 * fps, 0.06) + 0.1 * sway,
        "shift_y": _drift(rng, count, 1.3 * fps, 0.03),
        "nearness": _drift(rng, count, 1.8 * fps, 0.03),
        "breath": np.sin(2 * np.pi * _BREATHS * np.arange(count) / count),
        "blink": _blinks(rng, count, fps),
        "gaze": _glances(rng, count, fps),
        "brows": np.clip(_drift(rng, count, 0.5 * fps, 0.7) + 0.6 * nod, -1.0, 1.0),
        "jaw": jaw,
        "lips": lips,
        "light_x": _drift(rng, count, 2.2 * fps, 1.0),
        "light_y": _drift(rng, count, 3.0 * fps, 1.0),
        "warmth": _drift(rng, count, 3.5 * fps, 1.0),
    }
    return [Moment(*map(float, row)) for row in zip(*(columns[field.name] for field in fields(Moment)), strict=True)]


def _smooth(values: F32, sigma: float) -> F32:
    """Gaussian smoothing around the circle; `sigma` in samples."""
    frequency = np.fft.rfftfreq(len(values))
    kernel = np.exp(-2.0 * (np.pi * frequency * sigma) ** 2)
    return np.asarray(np.fft.irfft(np.fft.rfft(values) * kernel, len(values)), np.float32)


def _drift(rng: np.random.Generator, count: int, sigma: float, limit: float) -> F32:
    """A wandering value that keeps within ±`limit` and reaches most of it; `sigma` in samples sets its pace."""
    wander = _smooth(rng.standard_normal(count).astype(np.float32), sigma / 2)
    wander -= wander.mean()
    return np.asarray(limit * np.tanh(wander / (1.3 * wander.std())), np.float32)


def _blinks(rng: np.random.Generator, count: int, fps: float) -> F32:
    """Blinks every 1.6 to 4.5 s: 0.1 s down, a moment shut, 0.17 s up; now and then a double one."""
    times = np.arange(count) / fps
    closed = np.zeros(count, np.float32)
    start = float(rng.uniform(0.8, 1.6))
    while start < SECONDS - 1.0:
        down, shut, up = 0.1, float(rng.uniform(0.03, 0.07)), 0.17
        ramp = np.interp(times, [start, start + down, start + down + shut, start + down + shut + up], [0, 1, 1, 0])
        closed = np.maximum(closed, ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
        start += 0.45 if rng.random() < 0.15 else float(rng.uniform(1.6, 4.5))
    return closed


def _glances(rng: np.random.Generator, count: int, fps: float) -> F32:
    """Gaze that rests and jumps, as eyes do, mostly near the middle."""
    gaze = np.zeros(count, np.float32)
    at = 0
    while at < count:
        until = at + max(1, round(fps * float(rng.uniform(0.5, 2.2))))
        gaze[at:until] = np.clip(rng.normal(0.0, 0.4), -1.0, 1.0) if at and until < count else 0.0
        at = until
    return _smooth(gaze, 0.03 * fps)


def _speech(rng: np.random.Generator, count: int, fps: float) -> tuple[F32, F32]:
    """Jaw and lips of somebody who talks: phrases of irregular syllables, pauses between them."""
    at, jaw_keys, lips_keys = 0.5, [(0.0, 0.0)], [(0.0, 0.0)]
    while at < SECONDS - 2.0:
        phrase_end = at + float(rng.uniform(1.4, 3.2))
        jaw_keys.append((at, 0.0))
        while at < phrase_end:
            length = float(rng.uniform(0.13, 0.26))
            stress = float(rng.beta(2.0, 2.2))
            jaw_keys.append((at + 0.45 * length, 0.12 + 0.68 * stress))
            lips_keys.append((at + 0.5 * length, float(rng.uniform(-1.0, 0.8))))
            jaw_keys.append((at + length, float(rng.uniform(-0.9, 0.2))))
            at += length
        jaw_keys.append((at + 0.12, -0.2))
        lips_keys.append((at + 0.2, 0.0))
        at += float(rng.uniform(0.35, 0.9))
        jaw_keys.append((at - 0.05, float(rng.uniform(-0.3, 0.1))))
    jaw_keys.append((float(SECONDS), 0.0))
    lips_keys.append((float(SECONDS), 0.0))
    times = np.arange(count) / fps
    jaw, lips = (np.interp(times, *np.array(keys).T) for keys in (jaw_keys, lips_keys))
    return _smooth(jaw.astype(np.float32), 0.032 * fps), _smooth(lips.astype(np.float32), 0.05 * fps)
