"""Building the next parts beside the running ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from liveswapping.domain.errors import LiveSwappingError
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.memory import release
from liveswapping.pipeline.pipeline import Pipeline


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """What came of building for `settings`: a pipeline, or why there is none."""

    settings: Settings
    pipeline: Pipeline | None
    failure: str = ""


class Rebuilder:
    """Builds one pipeline at a time on a thread of its own. Called from one thread."""

    def __init__(self, build: Callable[[Settings], Pipeline]) -> None:
        self._build = build
        self._thread: threading.Thread | None = None
        self._answer: Built | None = None
        self._retiring: list[threading.Thread] = []

    @property
    def busy(self) -> bool:
        """A pipeline is being built, or is built and not yet taken."""
        return self._thread is not None

    def request(self, settings: Settings) -> None:
        """Begin to build. Not to be called while busy."""
        self._thread = threading.Thread(target=self._run, args=(settings,), name="builder", daemon=True)
        self._thread.start()

    def take(self) -> Built | None:
        """What came of the request, once; None while there is no answer."""
        if self._thread is None or self._thread.is_alive():
            return None
        self._thread = None
        answer, self._answer = self._answer, None
        return answer

    def retire(self, pipeline: Pipeline) -> None:
        """Close a pipeline that is not needed any more, beside the loop: its engine may still be at work.

        The caller is to keep no reference; what it held of memory goes back to the system.
        """
        self._retiring = [thread for thread in self._retiring if thread.is_alive()]
        thread = threading.Thread(target=_close, args=([pipeline],), name="retire", daemon=True)
        self._retiring.append(thread)
        thread.start()

    def close(self) -> None:
        """Wait for what is being built or closed, and release it."""
        for thread in self._retiring:
            thread.join()
        if self._thread is not None:
            self._thread.join()
        answer = self.take()
        if answer is not None and answer.pipeline is not None:
            answer.pipeline.close()

    def _run(self, settings: Settings) -> None:
        try:
            self._answer = Built(settings, self._build(settings))
        except LiveSwappingError as error:
            self._answer = Built(settings, None, str(error))
        except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
            self._answer = Built(settings, None, f"the new settings cannot be used ({type(error).__name__}: {error})")


def _close(last: list[Pipeline]) -> None:
    """Close the one pipeline of a list that nothing else refers to, and give its memory back."""
    last.pop().close()
    release()
