"""How values cross threads. The only locks in the product are here."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, Generic, Protocol, TypeVar, cast

T = TypeVar("T")


class Closed(Exception):
    """The other side has closed the slot or queue, and nothing is left in it."""


class LatestSlot(Generic[T]):
    """Holds at most one value: a newer one replaces it. For live pictures, where late is worthless."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._value: T | None = None
        self._closed = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many values were replaced before anybody took them."""
        return self._dropped

    def put(self, value: T) -> bool:
        """Offer a value, replacing one that nobody took. True when the slot was empty. Never waits."""
        with self._condition:
            was_empty = self._value is None
            self._dropped += not was_empty
            if not self._closed:
                self._value = value
                self._condition.notify()
            return was_empty

    def take(self, timeout: float) -> T | None:
        """The newest value, or None after `timeout` seconds. Raises Closed when closed and empty."""
        with self._condition:
            self._condition.wait_for(lambda: self._value is not None or self._closed, timeout)
            value, self._value = self._value, None
            if value is None and self._closed:
                raise Closed
            return value

    def close(self) -> None:
        """Wake whoever waits; later values are ignored."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()


class BoundedQueue(Generic[T]):
    """First in, first out, with a size. For files, where every frame counts: `put` waits for room."""

    def __init__(self, size: int) -> None:
        self._condition = threading.Condition()
        self._values: deque[T] = deque()
        self._size = size
        self._closed = False

    def __len__(self) -> int:
        return len(self._values)

    def put(self, value: T, timeout: float | None = None) -> bool:
        """Append a value when there is room; False after `timeout` seconds without. Raises Closed."""
        with self._condition:
            self._condition.wait_for(lambda: len(self._values) < self._size or self._closed, timeout)
            if self._closed:
                raise Closed
            if len(self._values) >= self._size:
                return False
            self._values.append(value)
            self._condition.notify_all()
            return True

    def take(self, timeout: float) -> T | None:
        """The oldest value, or None after `timeout` seconds. Raises Closed when closed and empty."""
        deadline = time.monotonic() + timeout
        with self._condition:
            while not self._values:
                remaining = deadline - time.monotonic()
                if self._closed:
                    raise Closed
                if remaining <= 0:
                    return None
                self._condition.wait(remaining)
            value = self._values.popleft()
            self._condition.notify_all()
            return value

    def close(self) -> None:
        """No more puts; what is in it can still be taken."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()


class Closeable(Protocol):
    """What is released by hand."""

    def close(self) -> None:
        """Release it."""
        ...


C = TypeVar("C", bound=Closeable)


class Hold(Protocol):
    """Opens something, or gives what is open already: `Shared.hold`, or `open_anew`."""

    def __call__(self, key: Hashable, make: Callable[[], C]) -> C:
        """What `make` gives; it may be shared by whoever asks with an equal `key`. To be closed by the caller."""
        ...


def open_anew(key: Hashable, make: Callable[[], C]) -> C:
    """Nothing is shared."""
    return make()


class Shared:
    """Keeps what is large, such as networks, from being open twice: one for all holders, closed by the last.

    Asked by any thread. Holders take turns; nobody may use it on two threads at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Hashable, tuple[Closeable, int]] = {}
        self._age = 0

    def hold(self, key: Hashable, make: Callable[[], C]) -> C:
        """See `Hold`. Others wait while something is being made. Raises what `make` raises."""
        with self._lock:
            aged = self._age, key
            thing, holders = self._open[aged] if aged in self._open else (make(), 0)
            self._open[aged] = thing, holders + 1
        return cast(C, _Held(thing, lambda: self._let_go(aged)))

    def renew(self) -> None:
        """From now on nothing is given that is open already; its holders keep it until they let go."""
        with self._lock:
            self._age += 1

    def _let_go(self, key: Hashable) -> None:
        with self._lock:
            thing, holders = self._open.pop(key)
            if holders > 1:
                self._open[key] = thing, holders - 1
        if holders == 1:
            thing.close()


class _Held:
    """Stands for a shared thing, but for `close`, which lets go of it."""

    def __init__(self, thing: Closeable, let_go: Callable[[], None]) -> None:
        self._thing: Closeable | None = thing
        self._let_go = let_go

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the thing has
        if self._thing is None:
            raise Closed(f"{name} was asked of something that was let go")
        return getattr(self._thing, name)

    def close(self) -> None:
        """Let go, once."""
        if self._thing is not None:
            self._thing = None
            self._let_go()
