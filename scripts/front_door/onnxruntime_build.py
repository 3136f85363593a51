"""Which build of ONNX Runtime belongs on this machine, and that no other lies beside it.

The builds are packages of different names with files of the same names: two of them overwrite each other, and
removing one breaks the other. So all go before one comes, whenever there is not exactly the one that is wanted.
"""

import shutil
import subprocess
import sys

from scripts.front_door.platforms import Machine

BUILDS = {
    "onnxruntime",
    "onnxruntime-azure",
    "onnxruntime-cann",
    "onnxruntime-directml",
    "onnxruntime-gpu",
    "onnxruntime-migraphx",
    "onnxruntime-openvino",
    "onnxruntime-qnn",
    "onnxruntime-rocm",
    "onnxruntime-silicon",
    "onnxruntime-training",
}
"""Every package that owns the module `onnxruntime`."""

_ASK_CUDA = """
import ctypes, sys
cuda = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
count = ctypes.c_int()
sys.exit(0 if cuda.cuInit(0) == 0 and cuda.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0 else 1)
"""

LIST_BUILDS = """
from importlib.metadata import distributions
for one in distributions():
    if (one.name or "").lower().replace("_", "-").startswith("onnxruntime"):
        print(one.name.lower().replace("_", "-"), one.version)
"""
"""Run by an environment's Python: prints a line "name version" for every package that may be a build."""


def choose(machine: Machine, *, nvidia: bool) -> str:
    """Name the package that belongs here. `nvidia`: a driver answers."""
    if nvidia and machine.processor == "x86-64" and machine.system in ("Linux", "Windows"):
        return "onnxruntime-gpu"
    return "onnxruntime-directml" if machine.system == "Windows" else "onnxruntime"


def nvidia_driver_answers(timeout_s: float = 20.0) -> bool:
    """Ask `nvidia-smi`, and where that is not installed the CUDA driver itself, for a GPU.

    Both are asked in processes of their own: a broken driver can hang whoever calls it.
    """
    questions = [[sys.executable, "-c", _ASK_CUDA]]
    program = shutil.which("nvidia-smi")
    if program:
        questions.insert(0, [program, "--list-gpus"])
    return any(_answers(question, timeout_s) for question in questions)


def listed_builds(listing: str) -> dict[str, str]:
    """Read what LIST_BUILDS printed: package name to version, builds only."""
    pairs = (line.split() for line in listing.splitlines() if line.count(" ") == 1)
    return {name: version for name, version in pairs if name in BUILDS}


def _answers(question: list[str], timeout_s: float) -> bool:
    try:
        answer = subprocess.run(question, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    is_list = question[-1] == "--list-gpus"
    return answer.returncode == 0 and (b"GPU " in answer.stdout or not is_list)
