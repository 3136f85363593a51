"""Makes an environment ready, step by step. Every step may be interrupted: the next run goes on where it stopped."""

import errno
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.front_door.child import run_logged
from scripts.front_door.environment import ROOT, Environment
from scripts.front_door.errors import SetupError
from scripts.front_door.onnxruntime_build import LIST_BUILDS, choose, listed_builds, nvidia_driver_answers
from scripts.front_door.platforms import Machine, refuse_unsupported, this_machine
from scripts.front_door.progress import Steps

_REQUIREMENTS = ROOT / "requirements"


def set_up(environment: Environment, *, developer: bool) -> None:
    """Bring everything that the product needs into `environment`. Raises SetupError, one line."""
    machine = this_machine()
    refuse_unsupported(machine)
    try:
        log = _new_log()
        environment.remove_stamps()
        _Setup(environment, machine, log).run(developer=developer)
        environment.write_stamp(developer=False)
        if developer:
            environment.write_stamp(developer=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        place = error.filename or ROOT
        cure = "free some space" if error.errno == errno.ENOSPC else "make it writable"
        raise SetupError(f"set-up cannot write {place} ({error.strerror}): {cure} and run it again") from error


class _Setup:
    """One set-up. Each step is a method that raises SetupError."""

    def __init__(self, environment: Environment, machine: Machine, log: Path) -> None:
        self._environment = environment
        self._machine = machine
        self._log = log

    def run(self, *, developer: bool) -> None:
        steps: list[tuple[str, Callable[[], None]]] = []
        if self._environment.own:
            steps += [("environment", self._make_venv)]
        steps += [("packages", self._install_packages), ("ONNX Runtime", self._settle_onnxruntime)]
        if developer:
            steps += [("developer tools", self._install_developer_tools)]
        steps += [("models", self._fetch_models), ("kernels", self._compile_kernels)]
        where = ".venv" if self._environment.own else sys.prefix
        print(f"Setting up LiveSwapping in {where}, once; every later start is instant.", flush=True)
        self._steps = Steps(len(steps))
        for name, step in steps:
            self._steps.begin(name)
            try:
                step()
            except BaseException:
                self._steps.abandon()
                raise
            self._steps.done()

    def _make_venv(self) -> None:
        if not self._venv_is_sound():
            self._run([sys.executable, "-m", "venv", "--clear", str(self._environment.folder)], doing="making .venv")
        self._pip("install", "--requirement", str(_REQUIREMENTS / "pip.txt"), doing="bringing pip up to date")

    def _venv_is_sound(self) -> bool:
        """Not after making it was interrupted, nor after the Python that it belongs to was replaced."""
        question = "import sys, pip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
        try:
            return subprocess.run([self._environment.python, "-c", question], capture_output=True).returncode == 0
        except OSError:
            return False

    def _install_packages(self) -> None:
        self._install(ROOT / "requirements.txt")
        self._install(_REQUIREMENTS / "no-deps.txt", "--no-deps")

    def _settle_onnxruntime(self) -> None:
        """Leave exactly one build of ONNX Runtime: the one for this machine, at its pin."""
        name = choose(self._machine, nvidia=nvidia_driver_answers())
        requirement = _REQUIREMENTS / f"{name}.txt"
        pin = requirement.read_text(encoding="utf-8").strip()
        wanted = {name: pin.removeprefix(f"{name}==")}
        found = self._onnxruntime_builds()
        if found == wanted:
            return
        self._steps.tell(name)
        if found.keys() - wanted.keys():
            self._pip("uninstall", "--yes", *found, doing="removing other builds of ONNX Runtime")
        self._install(requirement)
        found = self._onnxruntime_builds()
        if found != wanted:
            raise SetupError(f"installing {name} left {found or 'nothing'}: remove .venv and run it again")

    def _onnxruntime_builds(self) -> dict[str, str]:
        command = [self._environment.python, "-c", LIST_BUILDS]
        return listed_builds(subprocess.run(command, capture_output=True, text=True, check=False).stdout)

    def _install_developer_tools(self) -> None:
        self._install(ROOT / "requirements-dev.txt")
        for extra in (
            "openvino.txt",
            "api.txt",
            "virtual-camera.txt",
            "sound.txt",
        ):  # optional to users; their tests are not
            self._install(_REQUIREMENTS / extra)

    def _fetch_models(self) -> None:
        self._prepare("models", doing="fetching the models")

    def _compile_kernels(self) -> None:
        self._prepare("kernels", doing="compiling the kernels")

    def _prepare(self, part: str, *, doing: str) -> None:
        self._run([self._environment.python, "-m", "scripts.front_door.prepare", part], doing=doing)

    def _install(self, requirements: Path, *options: str) -> None:
        doing = f"installing {requirements.relative_to(ROOT).as_posix()}"
        self._pip("install", "--only-binary=:all:", *options, "--requirement", str(requirements), doing=doing)

    def _pip(self, verb: str, *arguments: str, doing: str) -> None:
        options = ["--no-input", "--disable-pip-version-check"]
        if verb == "install":
            options += ["--no-compile"]  # halves the time; what is really imported is compiled by the last step
            options += ["--progress-bar", "raw" if self._environment.own and "pip.txt" not in arguments[-1] else "off"]
        self._run([self._environment.python, "-m", "pip", verb, *options, *arguments], doing=doing)

    def _run(self, command: Sequence[str], *, doing: str) -> None:
        run_logged(command, self._log, self._steps.tell, doing=doing, folder=ROOT)


def _new_log() -> Path:
    """An empty log. Raises OSError."""
    log = ROOT / "temp" / "setup.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("", encoding="utf-8")
    return log
