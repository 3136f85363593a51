"""Puts the label into what leaves: behind everything that makes the picture, before everything that takes it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from liveswapping.domain.frame import Image
from liveswapping.domain.pool import ImagePool
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.pipeline import Swapped
from liveswapping.provenance.label import Label, draw
from liveswapping.provenance.placement import scaled

_LOG = logging.getLogger(__name__)


class Marker:
    """Labels the pictures of one stream, as its settings have it. One thread at a time."""

    def __init__(self) -> None:
        self._label = Label()
        self._pool = ImagePool()
        self._told: set[str] = set()

    def mark(self, image: Image, before: Image, done: Swapped | None, wanted: bool, *, writable: bool = False) -> Image:
        """`image`, labelled if `wanted`; it is written only if `writable`.

        `before` came in, and `done` is what the pipeline made of it; None where it failed: nobody knows its faces.
        """
        if not wanted:
            self._tell("the label in the picture is off: nothing in it says that it was made")
            return image
        faces = () if done is None else (*done.chosen, *done.others)
        spot = self._label.place(image.shape, scaled([face.box for face in faces], image.shape[1] / before.shape[1]))
        if spot is None:
            self._tell("no room for the label beside the faces: such pictures leave without it")
            return image
        marked = image if writable else self._pool.copy(image)
        draw(marked, spot)
        return marked

    def reset(self) -> None:
        """What comes next does not follow on."""
        self._label = Label()

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._label.state()

    def restore(self, state: Any) -> None:  # noqa: ANN401 - what `state` answered
        """As `Resumable.restore`."""
        self._label.restore(state)

    def _tell(self, line: str) -> None:
        """Once a stream."""
        if line not in self._told:
            self._told.add(line)
            _LOG.info(line)


def marked_still(done: Swapped, before: Image, settings: Settings, marker: Marker | None = None) -> Swapped:
    """A single picture, labelled as `settings` have it: `done` is what the pipeline made of `before`.

    `marker`: that of many pictures, so that what is said is said once.
    """
    marker = marker or Marker()
    marker.reset()
    return replace(done, image=marker.mark(done.image, before, done, settings.label))
