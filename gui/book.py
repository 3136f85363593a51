"""The pages: each made when it is first asked for, or beside, in pieces, so that turning to one is only painting it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from PySide6.QtWidgets import QStackedWidget

from gui.turns import Turns
from gui.widgets.panels import Page


class Book(QStackedWidget):
    """Pages by their keys. The window is there sooner, as most of them are made later."""

    def __init__(self, makers: Mapping[str, Callable[[], Page]]) -> None:
        super().__init__()
        self._makers = makers
        self._pages: dict[str, Page] = {}
        self._turns = Turns(self)

    @property
    def keys(self) -> tuple[str, ...]:
        """The pages there are."""
        return tuple(self._makers)

    def page(self, key: str) -> Page:
        """A page, made now where it was not yet."""
        if key not in self._pages:
            self._pages[key] = self._makers[key]()
            self.addWidget(self._pages[key])
        return self._pages[key]

    def prepare(self, done: Callable[[], object]) -> None:
        """Make all of them, one piece in each turn of the loop; then call `done`."""
        self._turns.begin([*(partial(self._prepare, key) for key in self._makers), done])

    def stop(self) -> None:
        """No more pieces."""
        self._turns.begin(())

    def _prepare(self, key: str) -> None:
        """The pieces of one page go before those of the next."""
        page = self.page(key)
        self._turns.before([*page.pieces(), *self._laid_out(page)])

    def _laid_out(self, page: Page) -> Iterator[Callable[[], object]]:
        """Styles, layouts and text are worked out now, and not while live."""
        if page is not self.currentWidget():
            yield lambda: page.resize(self.size())
            yield page.settle
