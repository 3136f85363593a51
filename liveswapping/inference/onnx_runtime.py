"""ONNX Runtime itself, behind the seam that tests replace."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Protocol

from liveswapping.inference.judgement import Array, Port
from liveswapping.inference.onnx_sessions import BoundSession, SteadySession
from liveswapping.inference.providers import CPU, CUDA, DIRECTML, TENSORRT, Setup

_log = logging.getLogger(__name__)


class RawSession(Protocol):
    """The part of onnxruntime.InferenceSession that is used."""

    def get_providers(self) -> Sequence[str]:
        """The providers in use, the main one first."""
        ...

    def get_inputs(self) -> Sequence[Port]:
        """The model's inputs."""
        ...

    def get_outputs(self) -> Sequence[Port]:
        """The model's outputs."""
        ...

    def run(self, names: Sequence[str] | None, feed: Mapping[str, Array]) -> Sequence[Array]:
        """Run the model; raises whatever the provider raises."""
        ...


class Runtime(Protocol):
    """Makes sessions."""

    @property
    def version(self) -> str:
        """Of the runtime."""
        ...

    def available(self) -> Sequence[str]:
        """The providers that the installed build carries."""
        ...

    def create(self, model: Path, providers: Sequence[tuple[str, Mapping[str, str]]], setup: Setup) -> RawSession:
        """A session; raises whatever the provider raises. It may be of another provider than was asked for."""
        ...


class OnnxRuntime:
    """The installed ONNX Runtime."""

    @property
    def version(self) -> str:
        """Of the installed build."""
        import onnxruntime

        return str(onnxruntime.__version__)

    def available(self) -> Sequence[str]:
        """The providers that the installed build carries."""
        import onnxruntime

        return list(onnxruntime.get_available_providers())

    def create(self, model: Path, providers: Sequence[tuple[str, Mapping[str, str]]], setup: Setup) -> RawSession:
        """A session; raises whatever the provider raises."""
        import onnxruntime

        onnxruntime.set_default_logger_severity(setup.log_level)  # of what is said outside of sessions
        carried = self.available()
        if providers[0][0] in (CUDA, TENSORRT):
            preload_cuda()
        chosen = [(name, dict(options)) for name, options in providers if name in carried]
        session_options = onnxruntime.SessionOptions()
        session_options.log_severity_level = setup.log_level
        if setup.threads is not None:
            session_options.intra_op_num_threads = setup.threads
        if providers[0][0] == DIRECTML:  # its documentation: neither memory patterns nor parallel execution
            session_options.enable_mem_pattern = False
            session_options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        session = onnxruntime.InferenceSession(str(model), session_options, providers=chosen)
        return _steady(session, setup)


def preload_cuda() -> None:
    """Find CUDA and cuDNN where pip put them; ONNX Runtime alone looks only where the system keeps libraries."""
    import onnxruntime

    complaints = io.StringIO()
    with redirect_stdout(complaints):  # it prints what is missing; making the session says so again
        onnxruntime.preload_dlls()
    if complaints.getvalue():
        _log.debug("onnxruntime.preload_dlls: %s", complaints.getvalue())


def _steady(session: RawSession, setup: Setup) -> RawSession:
    """The session in the form that suits its provider; for others than NVIDIA's and the processor, as it is."""
    running = session.get_providers()[0]
    if running in (CUDA, TENSORRT):
        return BoundSession(session, f"gpu:{setup.device};cpu:0", setup.shrink_arena, ("cuda", setup.device))
    return SteadySession(session, "cpu:0", setup.shrink_arena) if running == CPU else session
