"""Known bad set-ups. Each check looks at the facts and answers with what it finds wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from liveswapping.doctor.facts import Facts, Finding

_MINIMUM_DRIVER = {
    11: {"Linux": (450, 80), "Windows": (452, 39)},
    12: {"Linux": (525, 60), "Windows": (528, 33)},
    13: {"Linux": (580, 65), "Windows": (580, 65)},
}
"""The oldest NVIDIA driver for each CUDA, by the table "CUDA Toolkit and Minimum Required Driver Version for CUDA
Minor Version Compatibility" of NVIDIA's release notes."""

_APT = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
}
WINDOW_LIBRARIES = tuple(_APT)
"""What Qt's xcb platform loads when a window opens."""


def nouveau(facts: Facts) -> Iterator[Finding]:
    """NVIDIA's own driver is not in use."""
    if any(gpu.kernel_driver == "nouveau" for gpu in facts.gpus):
        yield Finding(
            "the NVIDIA card runs on the nouveau driver, which cannot compute",
            "install NVIDIA's own driver (Ubuntu: `sudo ubuntu-drivers install`) and restart",
        )


def driver_too_old(facts: Facts) -> Iterator[Finding]:
    """The driver is older than what the installed builds were made for."""
    driver = _version(next((gpu.driver_version for gpu in facts.gpus if gpu.driver_version), ""))
    builds = [(f"{build.name} {build.version}", build.cuda_major) for build in facts.onnxruntime]
    if facts.torch is not None and facts.torch.cuda:
        builds.append((f"torch {facts.torch.version}", int(facts.torch.cuda.partition(".")[0])))
    for name, cuda in builds:
        needed = _MINIMUM_DRIVER.get(cuda or 0, {}).get(facts.system)
        if driver and needed and driver[:2] < needed:
            yield Finding(
                f"the NVIDIA driver {'.'.join(map(str, driver))} is too old for {name}, built for CUDA {cuda}",
                f"update the driver to {needed[0]}.{needed[1]} or newer",
            )


def driver_silent(facts: Facts) -> Iterator[Finding]:
    """The card is there and its driver does not answer."""
    cards = [gpu for gpu in facts.gpus if gpu.vendor == "nvidia" and gpu.kernel_driver != "nouveau"]
    if cards and not any(gpu.driver_version for gpu in cards):
        yield Finding(
            f"{cards[0].name}: no NVIDIA driver answers (nvidia-smi)",
            "install or reinstall NVIDIA's driver and restart; until then everything runs on the CPU",
        )


def torch_without_cuda(facts: Facts) -> Iterator[Finding]:
    """A CPU-only torch beside an NVIDIA card."""
    if facts.torch is not None and facts.torch.cuda is None and _nvidia(facts):
        yield Finding(
            f"torch {facts.torch.version} is a CPU-only build, beside an NVIDIA card",
            "remove the folder .venv and start `python run.py` again, or install torch's CUDA build from pytorch.org",
            serious=False,
        )


def two_onnxruntimes(facts: Facts) -> Iterator[Finding]:
    """Builds of ONNX Runtime overwrite each other's files."""
    if len(facts.onnxruntime) > 1:
        names = " and ".join(build.name for build in facts.onnxruntime)
        every = " ".join(build.name for build in facts.onnxruntime)
        yield Finding(
            f"{names} are installed side by side and break each other",
            f"run `python -m pip uninstall -y {every}`, then start `python run.py` again",
        )


def slow_onnxruntime(facts: Facts) -> Iterator[Finding]:
    """The build that was installed cannot use the card that is here."""
    builds = {build.name for build in facts.onnxruntime}
    if builds == {"onnxruntime"} and _nvidia(facts) and facts.system != "Darwin":
        yield Finding(
            "the installed ONNX Runtime is the CPU build, beside an NVIDIA card",
            "remove the folder .venv and start `python run.py` again: it picks the build for the card",
            serious=False,
        )


def providers_that_fail(facts: Facts) -> Iterator[Finding]:
    """A provider is offered and does not compute."""
    for probe in facts.providers:
        if not probe.works:
            yield Finding(
                f"{probe.provider} does not work: {probe.why_not}",
                "nothing that exists now needs it; install what it misses, or leave it",
                serious=False,
            )


def missing_window_libraries(facts: Facts) -> Iterator[Finding]:
    """Qt ends the whole process when one of them is absent."""
    if facts.system == "Linux" and facts.display and facts.missing_libraries:
        packages = " ".join(_APT.get(name, name) for name in facts.missing_libraries)
        yield Finding(
            f"windows cannot open: {', '.join(facts.missing_libraries)} missing",
            f"install them (Debian, Ubuntu: `sudo apt install {packages}`)",
        )


def busy_cameras(facts: Facts) -> Iterator[Finding]:
    """Another program has the camera."""
    for camera in facts.cameras:
        if camera.used_by:
            yield Finding(
                f"camera {camera.index} ({camera.name}) is in use by {camera.used_by}",
                f"close {camera.used_by}, or take another camera with --camera",
            )


def forbidden_cameras(facts: Facts) -> Iterator[Finding]:
    """The user may not open the camera."""
    for camera in facts.cameras:
        if not camera.readable:
            yield Finding(
                f"camera {camera.index} ({camera.name}) may not be opened by this user",
                "run `sudo usermod -aG video $USER` and log in again",
            )


def no_virtual_camera(facts: Facts) -> Iterator[Finding]:
    """Other programs cannot be given the picture as a camera."""
    from liveswapping.media.virtual_devices import INSTALL  # here, as the window reads this module before OpenCV

    if facts.system in INSTALL and not facts.virtual_cameras:
        what = "v4l2loopback is not loaded" if facts.system == "Linux" else "OBS Studio is not installed"
        yield Finding(f"there is no virtual camera: {what}", f"to have one: {INSTALL[facts.system]}", serious=False)


def no_virtual_camera_package(facts: Facts) -> Iterator[Finding]:
    """There is a virtual camera, and nothing to feed it with."""
    from liveswapping.media.virtual_devices import install_package

    if facts.virtual_cameras and not any(package.name == "pyvirtualcam" for package in facts.packages):
        yield Finding(
            "the virtual camera cannot be fed: pyvirtualcam, an optional package, is not installed",
            f"run {install_package()}",
            serious=False,
        )


def models_not_ready(facts: Facts) -> Iterator[Finding]:
    """The built-in engine lacks a network; or a file is not what it should be."""
    for state, words in (("missing", "missing"), ("damaged", "damaged: not the published files")):
        names = [model.name for model in facts.models if model.state == state and (model.builtin or state == "damaged")]
        if names:
            yield Finding(
                f"model files {words}: {', '.join(names)}", f"run `python run.py models pull {' '.join(names)}`"
            )


def plugins_left_out(facts: Facts) -> Iterator[Finding]:
    """A plugin could not be loaded; the product goes on without it."""
    for plugin in facts.plugins:
        if plugin.failure:
            yield Finding(
                f"the plugin {plugin.name} of {plugin.package} is left out: {plugin.failure}",
                f"update or remove it: `python -m pip uninstall {plugin.package.partition(' ')[0]}`; tell its author",
                serious=False,
            )


CHECKS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    models_not_ready,
    nouveau,
    driver_silent,
    driver_too_old,
    torch_without_cuda,
    two_onnxruntimes,
    slow_onnxruntime,
    providers_that_fail,
    missing_window_libraries,
    busy_cameras,
    forbidden_cameras,
    no_virtual_camera,
    no_virtual_camera_package,
    plugins_left_out,
)


def examine(facts: Facts) -> tuple[Finding, ...]:
    """Everything that is wrong, serious things first."""
    found = [finding for check in CHECKS for finding in check(facts)]
    return tuple(sorted(found, key=lambda finding: not finding.serious))


def _nvidia(facts: Facts) -> bool:
    return any(gpu.vendor == "nvidia" for gpu in facts.gpus)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))
