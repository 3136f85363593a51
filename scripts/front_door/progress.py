"""Steps of the set-up as lines on the terminal: a running one where there is a terminal, plain ones in a log."""

import sys
import time


class Steps:
    """Shows `[2/6] packages: torch, 120 of 190 MB` and, when the step is done, how long it took. Plain ASCII."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0
        self._name = ""
        self._began = self._shown_at = 0.0
        self._width = 0
        self._live = sys.stdout.isatty()

    def begin(self, name: str) -> None:
        """Start the next step."""
        self._number += 1
        self._name = name
        self._began = time.monotonic()
        self._shown_at = 0.0
        self.tell("")

    def tell(self, what: str) -> None:
        """Say what the step is at: 10 times a second on a terminal, every 10 seconds elsewhere."""
        now = time.monotonic()
        if now - self._shown_at < (0.1 if self._live else 10.0):
            return
        self._shown_at = now
        seconds = now - self._began
        self._write((what or "...") + (f" ({seconds:.0f} s)" if seconds >= 1 else ""), self._live)

    def done(self) -> None:
        """End the step."""
        self._write(f"done in {time.monotonic() - self._began:.1f} s", False)

    def abandon(self) -> None:
        """Leave the line as it is, so that an error starts on one of its own."""
        if self._live and self._width:
            print(flush=True)

    def _write(self, text: str, running: bool) -> None:
        line = f"[{self._number}/{self._total}] {self._name}: {text}"[:110]
        lead = "\r" if self._live else ""
        print(lead + line.ljust(self._width), end="" if running else "\n", flush=True)
        self._width = len(line) if running else 0
