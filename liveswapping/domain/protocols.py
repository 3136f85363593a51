"""The seams of the product. Parts know each other only by these; `build` joins them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from liveswapping.domain.face import Face, Patch, Target
from liveswapping.domain.frame import F32, Frame, Image, Mask


class Source(Protocol):
    """Where frames come from. Read from one thread; `close` may be called from any, more than once."""

    @property
    def live(self) -> bool:
        """True: only the newest frame matters (a camera). False: every frame does (a file)."""
        ...

    def read(self, timeout: float) -> Frame | None:
        """The next frame, or None when none came within `timeout` seconds.

        Raises EndOfStream at the end and SourceError when it cannot go on.
        """
        ...

    def close(self) -> None:
        """Release everything."""
        ...


class Sink(Protocol):
    """Where frames go. Written from one thread."""

    def write(self, frame: Frame) -> None:
        """Take one frame. Raises SinkError when it cannot go on."""
        ...

    def close(self) -> None:
        """Finish what was begun and release everything. Called exactly once."""
        ...


class Analyser(Protocol):
    """Finds faces. One instance per stream: it may track from frame to frame. One thread at a time."""

    def faces(self, image: Image) -> Sequence[Face]:
        """All faces of `image`, largest first."""
        ...

    def reset(self) -> None:
        """Forget what was tracked (a cut, another source)."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


class Recogniser(Protocol):
    """Tells people apart. One thread at a time."""

    def embedding(self, image: Image, face: Face) -> F32:
        """(512,) of unit length; the larger the product of two of them, the more alike the faces."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


class Swapper(Protocol):
    """Turns target faces into other people's. One thread at a time."""

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target, in order. `image` is only read. A patch without a pixel: there is no answer yet."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


class Restorer(Protocol):
    """Improves faces that are already in the picture."""

    def restore(self, image: Image, faces: Sequence[Face]) -> Sequence[Patch]:
        """One patch per face, in order. `image` is only read."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


class Masker(Protocol):
    """Knows what is in front of a face: hair, hands, microphones, glasses. One instance per stream."""

    def start(self, image: Image) -> None:
        """Begin what needs only the picture; it may go on beside the caller, which must not write into `image`."""
        ...

    def mask(self, image: Image, face: Face) -> Mask | None:
        """What of `face` is visible in `image`, the picture last given to `start`; None: all of it."""
        ...

    def reset(self) -> None:
        """Forget what was learnt of earlier frames."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


class Upscaler(Protocol):
    """Enlarges the whole picture: after paste, before the sinks."""

    def upscale(self, image: Image) -> Image:
        """A larger picture of the same thing."""
        ...


@runtime_checkable
class Resumable(Protocol):
    """A part that remembers earlier frames, and can go on in another process as if it had seen them."""

    def state(self) -> object:
        """What is remembered: plain values, arrays, and objects of the classes that jobs may save.

        Only to be read, and at once: the next frame changes it.
        """
        ...

    def restore(self, state: Any) -> None:  # noqa: ANN401 - whatever `state` answered, which is the part's own business
        """Go on from what `state` answered, of a part that was made in the same way."""
        ...


class Improver(Protocol):
    """Makes the finished picture better, and larger. One thread at a time."""

    def improve(self, image: Image, faces: Sequence[Face]) -> Image:
        """Another picture; `image` is only read, and `faces` are those in it."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


class Seal(Protocol):
    """Marks files that are made in one way: they say how."""

    @property
    def tags(self) -> Mapping[str, str]:
        """What a film's container says of it."""
        ...

    def put(self, file: Path) -> None:
        """Mark the finished file, which has its right ending, before it gets its name. Raises OSError."""
        ...


@runtime_checkable
class Adjustable(Protocol):
    """A part that can do with less where time is short. Called between two frames."""

    @property
    def savings(self) -> Sequence[str]:
        """What it can give up, in words, the smallest loss first; each says how things are with those before it."""
        ...

    def save(self, count: int) -> None:
        """Give up the first `count` of `savings`, and nothing else."""
        ...

    def cost(self, count: int) -> float:
        """Seconds a frame that saving number `count` saves beside those before it, as measured; 0: not known.

        Taking it back would cost as much. Below 0: by itself it is of no use.
        """
        ...


@runtime_checkable
class Forgetful(Protocol):
    """A part that remembers earlier pictures."""

    def reset(self) -> None:
        """Forget them: what comes next does not follow on."""
        ...
