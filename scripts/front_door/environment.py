"""A Python environment that has what the product needs, and the stamp that says so.

On the way of every start: nothing heavy is imported here.
"""

import hashlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

RUNTIME_FILES = (
    "requirements.txt",
    "requirements/pip.txt",
    "requirements/no-deps.txt",
    "requirements/onnxruntime.txt",
    "requirements/onnxruntime-gpu.txt",
    "requirements/onnxruntime-directml.txt",
    "liveswapping/inference/catalog.py",
)
"""What set-up brings here is listed in these: packages, and models."""
DEVELOPER_FILES = (
    "requirements-dev.txt",
    "requirements/openvino.txt",
    "requirements/api.txt",
    "requirements/virtual-camera.txt",
    "requirements/sound.txt",
)


class Environment:
    """The product's own `.venv`, or the environment of the Python that runs this (`--no-venv`)."""

    def __init__(self, *, own: bool, root: Path = ROOT) -> None:
        self.own = own
        """True: `.venv` in the checkout, ours to make and to throw away."""
        self._root = root
        self.folder = root / ".venv" if own else Path(sys.prefix)

    @property
    def python(self) -> str:
        """Path of its interpreter, whether it exists or not."""
        if not self.own:
            return sys.executable
        return str(self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))

    @property
    def is_this_python(self) -> bool:
        """Whether the running interpreter is the environment's own."""
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def ready(self, *, developer: bool) -> bool:
        """Tell whether set-up was finished here for the requirements as they are now and for its Python."""
        wanted = [False, True] if developer else [False]
        return Path(self.python).exists() and all(
            self._read_stamp(developer=one) == self._stamp(developer=one) for one in wanted
        )

    def write_stamp(self, *, developer: bool) -> None:
        """Say that set-up is finished. Raises OSError."""
        self._stamp_path(developer=developer).write_text(self._stamp(developer=developer), encoding="ascii")

    def remove_stamps(self) -> None:
        """Say that set-up is not finished: called before anything is changed. Raises OSError."""
        for developer in (False, True):
            self._stamp_path(developer=developer).unlink(missing_ok=True)

    def _stamp(self, *, developer: bool) -> str:
        """The Python version and a hash of the lists of what set-up brings."""
        digest = hashlib.sha256()
        for name in DEVELOPER_FILES if developer else RUNTIME_FILES:
            digest.update((self._root / name).read_bytes().replace(b"\r\n", b"\n"))
        return f"{self._version()} {digest.hexdigest()}"

    def _version(self) -> str:
        if self.is_this_python:
            return f"{sys.version_info[0]}.{sys.version_info[1]}"
        lines = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
        pairs = dict(line.split(" = ", 1) for line in lines if " = " in line)
        return ".".join(pairs.get("version", "").split(".")[:2])

    def _read_stamp(self, *, developer: bool) -> str:
        try:
            return self._stamp_path(developer=developer).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return ""

    def _stamp_path(self, *, developer: bool) -> Path:
        name = "liveswapping-developer.stamp" if developer else "liveswapping.stamp"
        return (self.folder if self.own else _writable_site()) / name


def _writable_site() -> Path:
    """Where pip puts packages for this Python: its site-packages, or the user's where that belongs to the system."""
    import site
    import sysconfig

    shared = sysconfig.get_path("purelib")
    return Path(shared if os.access(shared, os.W_OK) else site.getusersitepackages())
