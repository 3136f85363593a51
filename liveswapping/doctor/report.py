"""Facts and findings as text for a bug report, and as values for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from liveswapping.doctor.facts import Facts, Finding, Gpu, Torch
from liveswapping.domain.plugins import PluginState


def as_values(facts: Facts, findings: Sequence[Finding]) -> dict[str, Any]:
    """Everything, in types that JSON knows."""
    return {**asdict(facts), "findings": [asdict(finding) for finding in findings]}


def as_rows(facts: Facts) -> Iterator[tuple[str, str]]:
    """The facts as label and text, in the order in which a reader wants them."""
    yield "LiveSwapping", facts.version
    yield "system", f"{facts.system_version} ({facts.machine})"
    yield "Python", f"{facts.python}, {facts.executable}"
    yield "processor", f"{facts.cpu}, {facts.cores} cores, {facts.memory}"
    yield "display", "yes" if facts.display else "no"
    yield "graphics", _lines(_gpu(gpu) for gpu in facts.gpus)
    yield "ONNX Runtime", _lines(f"{build.name} {build.version}" for build in facts.onnxruntime)
    yield (
        "providers",
        _lines(f"{probe.provider}: {'works' if probe.works else probe.why_not}" for probe in facts.providers),
    )
    yield "torch", _torch(facts.torch)
    yield "libraries", ", ".join(f"{package.name} {package.version}" for package in facts.packages) or "none"
    yield "models", _lines(f"{model.name}: {model.state}" for model in facts.models)
    yield (
        "cameras",
        _lines(
            f"{camera.index}: {camera.name}" + (f", in use by {camera.used_by}" if camera.used_by else "")
            for camera in facts.cameras
        ),
    )
    yield "virtual cameras", _lines(facts.virtual_cameras)
    yield "plugins", _lines(f"{plugin.name} ({plugin.package}): {described(plugin)}" for plugin in facts.plugins)
    yield from facts.folders
    if facts.unknown:
        yield "not found out", _lines(facts.unknown)


def described(plugin: PluginState) -> str:
    """What a plugin brings, or why it was left out."""
    return f"left out, {plugin.failure}" if plugin.failure else ", ".join(plugin.parts) or "brings nothing"


def _gpu(gpu: Gpu) -> str:
    driver = " ".join(part for part in (gpu.kernel_driver, gpu.driver_version) if part)
    return ", ".join(part for part in (gpu.name, gpu.memory, f"driver {driver}" if driver else "") if part)


def _torch(torch: Torch | None) -> str:
    if torch is None:
        return "not installed"
    built = f"CUDA {torch.cuda}" if torch.cuda else "CPU only"
    failure = f"; {torch.failure}" if torch.failure else ""
    return f"{torch.version} ({built}), works on {', '.join(torch.devices) or 'nothing'}{failure}"


def _lines(parts: Iterator[str] | Sequence[str]) -> str:
    return "\n".join(parts) or "none"
