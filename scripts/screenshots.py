"""Pictures of the window: `python scripts/screenshots.py [FOLDER] [--all]` (with a display, or under xvfb-run).

Without --all the README's and the guide's: the live and the video page in both themes. With it every page, in both
themes and languages, at 100 % and 200 %. Only NASA's astronaut is free to show: she plays both parts, as in
scripts/make_pictures.py.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from gui.main_window import MainWindow

SIZE = (1280, 800)
_SECONDS = 60
_SETTLED_S = 5.0
"""Seconds after which rate and delay are what they will be."""


def main(arguments: list[str] | None = None) -> int:
    """Make the pictures; each scale in a process of its own, as Qt reads it once."""
    parser = argparse.ArgumentParser(description="Make pictures of the window.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--all", action="store_true", help="every page, theme, language and scale")
    parser.add_argument("--clip", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.clip is not None:
        return _take(options.folder, options.clip, every=options.all)
    with tempfile.TemporaryDirectory() as name:
        clip = make_clip(Path(name))
        for scale in ("1", "2") if options.all else ("1",):
            words = [str(options.folder.absolute()), "--clip", str(clip), *(["--all"] if options.all else [])]
            environment = os.environ | {"QT_SCALE_FACTOR": scale, "LIVESWAPPING_CONFIG_DIR": str(Path(name) / scale)}
            subprocess.run([sys.executable, __file__, *words], check=True, env=environment)
    return 0


def make_clip(folder: Path) -> Path:
    """Somebody else, who moves and talks, at 720p; and beside it the astronaut's portrait as eileen.png."""
    from fractions import Fraction

    from liveswapping.domain.frame import Frame
    from liveswapping.media.images import write_image
    from liveswapping.media.recorder import VideoRecorder
    from liveswapping.media.scene import Scene
    from scripts.make_pictures import another_person, warmer
    from scripts.measures.people import faces_in, picture_of

    portrait = picture_of("astronaut")
    face = faces_in(portrait)[0]
    assert face.mesh is not None
    write_image(folder / "eileen.png", portrait)
    other = warmer(another_person(portrait, face.mesh))
    scene = Scene(other, faces_in(other)[:1], (1280, 720), face_width=300.0, fps=15)
    recorder = VideoRecorder(folder / "clip.mp4", preset="superfast")
    for index in range(15 * _SECONDS if "--all" in sys.argv else 15 * _SECONDS // 2):
        recorder.write(Frame(scene.draw(index), index, index / 15, Fraction(index, 15)))
    recorder.close()
    return folder / "clip.mp4"


def _take(folder: Path, clip: Path, *, every: bool) -> int:
    from PySide6.QtWidgets import QApplication

    from gui.app import make_window

    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    window = make_window(app)
    window.resize(*SIZE)
    window.desk.preferences.change(camera=str(clip), sample_hidden=True, overlay=False)
    window.desk.people.add("Eileen", [str(clip.with_name("eileen.png"))])
    window.show()
    shots = _Shots(window, folder, app.processEvents, every)
    if every:
        shots.take("first-run")
    window.desk.preferences.change(consented=True)
    window.first.agreed.emit()
    window.begin()
    shots.until(window.live.start.isEnabled)
    window.live.bar.compare.setChecked(True)
    window.live.toggle()
    shots.until(lambda: window.live.preview._before is not None)
    shots.rest(_SETTLED_S)
    for page in window.keys_of_pages if every else ("live", "video"):
        window.show_page(page)
        if page == "diagnostics":
            shots.until(lambda: window.page("diagnostics").copy.isEnabled())  # type: ignore[attr-defined]
        if page == "video":
            _fill_video(window, clip, shots)
        shots.rest(0.4)
        shots.take(page)
    window.close()
    shots.until(lambda: window.session.status is None)
    return 0


def _fill_video(window: MainWindow, clip: Path, shots: _Shots) -> None:
    """A clip on the list, of which a part is wanted."""
    from gui.pages.video import VideoPage

    page = window.page("video")
    assert isinstance(page, VideoPage)
    window.session.stop()
    shots.until(lambda: window.session.status is None)
    page.take_files([str(clip)])
    editor = page.editor
    shots.until(lambda: editor.timeline.seconds > 0)
    for share, act in ((0.2, editor.timeline.begin_here), (0.7, editor.timeline.end_here), (0.4, editor.refresh)):
        editor.timeline.put_position(share * editor.timeline.seconds)
        act()
    shots.rest(_SETTLED_S)
    shots.until(lambda: not editor.trial.busy and editor.picture.has_picture)


class _Shots:
    """Takes pictures of the window as it is."""

    def __init__(self, window: MainWindow, folder: Path, turn: Callable[[], None], every: bool) -> None:
        self._window, self._folder, self._turn, self._every = window, folder, turn, every

    def take(self, name: str) -> None:
        """In both themes, and, where all are wanted, in both languages."""
        desk = self._window.desk
        for language in ("en", "ru") if self._every else ("en",):
            desk.languages.choose(language)
            for theme in ("dark", "light"):
                desk.theme.set_mode(theme)
                self.rest(0.3)
                scale = round(100 * self._window.devicePixelRatioF())
                short = f"{'window' if name == 'live' else name}-{theme}.png"
                file = f"{name}-{theme}-{language}-{scale}.png" if self._every else short
                self._window.grab().save(str(self._folder / file))
        desk.languages.choose("en")

    def rest(self, seconds: float) -> None:
        """Let the window work."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self._turn()
            time.sleep(0.005)

    def until(self, there: Callable[[], bool]) -> None:
        """Let the window work until something is there. Raises TimeoutError after two minutes."""
        ends = time.monotonic() + 120
        while not there():
            if time.monotonic() > ends:
                raise TimeoutError
            self.rest(0.02)


if __name__ == "__main__":
    sys.exit(main())
