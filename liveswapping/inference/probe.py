"""Which execution providers of ONNX Runtime really work here: each one runs a small convolution in a child process.

A child, because a broken driver may hang or take the process down; a convolution, because cuDNN, which is what
lacks most often, is not needed for less. ONNX Runtime answers a request for a provider that it cannot load with a
session on the CPU and no error, so the provider of the finished session is compared with what was asked for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from liveswapping.inference.child import environment
from liveswapping.inference.onnx_runtime import preload_cuda
from liveswapping.inference.providers import CUDA, TENSORRT

_SIZE = 8
_TIMEOUT_S = 60
"""TensorRT builds an engine first."""
_NOT_LOCAL = ("AzureExecutionProvider",)


@dataclass(frozen=True, slots=True)
class Probe:
    """One execution provider: whether it computes, and why not."""

    provider: str
    works: bool
    why_not: str = ""


def probe_providers(timeout: float = _TIMEOUT_S) -> tuple[Probe, ...]:
    """Try every provider that the installed ONNX Runtime offers; empty where there is no ONNX Runtime."""
    answer = _ask_child([], timeout)
    if not isinstance(answer, list):
        return (Probe("onnxruntime", False, str(answer)),)
    return tuple(_probe(name, timeout) for name in answer if name not in _NOT_LOCAL)


def _probe(provider: str, timeout: float) -> Probe:
    answer = _ask_child([provider], timeout)
    return Probe(provider, True) if answer is True else Probe(provider, False, str(answer))


def _ask_child(arguments: list[str], timeout: float) -> object:
    """The child's answer, or a text that says why there is none."""
    command = [sys.executable, "-m", __name__, *arguments]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=environment())
    except subprocess.TimeoutExpired:
        return f"did not answer within {timeout:g} s"
    except OSError as error:
        return str(error)
    lines = child.stdout.strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, ValueError):
        words = child.stderr.strip().splitlines()
        return words[-1] if words else f"its process ended with code {child.returncode}"


def _answer(provider: str | None) -> object:
    """In the child: the providers on offer, or True where `provider` computed rightly, or why it did not."""
    import numpy as np
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    if provider is None:
        return list(onnxruntime.get_available_providers())
    if provider in (CUDA, TENSORRT):
        preload_cuda()
    session = onnxruntime.InferenceSession(tiny_model(), providers=[provider])
    running = session.get_providers()[0]
    if running != provider:
        return f"ONNX Runtime fell back to {running}"
    (result,) = session.run(None, {"x": np.ones((1, 1, _SIZE, _SIZE), np.float32)})
    right = result.shape == (1, 1, _SIZE - 2, _SIZE - 2) and bool(np.allclose(result, 9.0, rtol=1e-2))
    return right or "it computed something wrong"


def tiny_model() -> bytes:
    """An ONNX model that convolves x, 1×1×8×8, with nine ones. Written by hand: protobuf is tag, length, content.

    Field numbers are those of onnx.proto (ir_version 8, opset 13).
    """
    weight = (
        b"".join(_number(1, size) for size in (1, 1, 3, 3))
        + _number(2, 1)
        + _bytes(8, b"w")
        + _bytes(9, b"\x00\x00\x80\x3f" * 9)
    )
    node = _bytes(1, b"x") + _bytes(1, b"w") + _bytes(2, b"y") + _bytes(4, b"Conv")
    graph = (
        _bytes(1, node)
        + _bytes(2, b"probe")
        + _bytes(5, weight)
        + _bytes(11, _tensor(b"x", _SIZE))
        + _bytes(12, _tensor(b"y", _SIZE - 2))
    )
    opset = _bytes(1, b"") + _number(2, 13)
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, opset)


def _tensor(name: bytes, size: int) -> bytes:
    shape = b"".join(_bytes(1, _number(1, dimension)) for dimension in (1, 1, size, size))
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, 1) + _bytes(2, shape)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def main() -> None:
    """The child process."""
    try:
        answer = _answer(sys.argv[1] if len(sys.argv) > 1 else None)
    except ModuleNotFoundError as error:
        answer = f"{error.name} is not installed"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        answer = " ".join(str(error).split())[:300]
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
