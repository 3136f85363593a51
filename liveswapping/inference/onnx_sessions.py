"""Sessions of ONNX Runtime that keep their memory in step with what they are given, and copy no more than that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from liveswapping.inference.judgement import Array, Port

_SHRINKING: Final = "memory.enable_memory_arena_shrinkage"
"""A run with this gives back, when it ends, what its arenas do not need (onnxruntime_run_options_config_keys.h)."""

Key = tuple[tuple[str, tuple[int, ...], str], ...]


class SteadySession:
    """A session whose arenas shrink when the shapes of its inputs have changed, and stay as they are otherwise.

    An arena grows to what the largest batch ever needed; shrinking after every run would cost every run.
    """

    def __init__(self, session: Any, arenas: str, always: bool = False) -> None:  # noqa: ANN401 - it has no types
        """`session`: onnxruntime.InferenceSession. `arenas`: which there are, in its words, such as gpu:0;cpu:0.

        `always`: shrink after every run.
        """
        import onnxruntime

        self._session = session
        self._shrinking = onnxruntime.RunOptions()
        self._shrinking.add_run_config_entry(_SHRINKING, arenas)
        self._always = always
        self._seen: Key | None = None

    def get_providers(self) -> Sequence[str]:
        """As ONNX Runtime's."""
        return list(self._session.get_providers())

    def get_inputs(self) -> Sequence[Port]:
        """As ONNX Runtime's."""
        return list(self._session.get_inputs())

    def get_outputs(self) -> Sequence[Port]:
        """As ONNX Runtime's."""
        return list(self._session.get_outputs())

    def run(self, names: Sequence[str] | None, feed: Mapping[str, Array]) -> Sequence[Array]:
        """As ONNX Runtime's."""
        key = tuple((name, values.shape, values.dtype.str) for name, values in sorted(feed.items()))
        known, self._seen = self._seen, key
        options = self._shrinking if self._always or known not in (None, key) else None
        return self._run(names, feed, options, fresh=known != key)

    def _run(
        self, names: Sequence[str] | None, feed: Mapping[str, Array], options: object, *, fresh: bool
    ) -> list[Array]:
        """`fresh`: of other shapes than the last time."""
        return list(self._session.run(names, feed, options))


class BoundSession(SteadySession):
    """A session on a card: inputs are copied to places that stay, answers are left there until they are fetched."""

    def __init__(self, session: Any, arenas: str, always: bool, device: tuple[str, int]) -> None:  # noqa: ANN401
        """`device`: cuda, or cpu, and which of them, in ONNX Runtime's words; else as SteadySession."""
        super().__init__(session, arenas, always)
        self._device = device
        self._inputs: dict[str, Any] = {}
        self._binding: Any = None
        self._names: tuple[str, ...] = ()

    def _run(
        self, names: Sequence[str] | None, feed: Mapping[str, Array], options: object, *, fresh: bool
    ) -> list[Array]:
        asked = tuple(names or (port.name for port in self.get_outputs()))
        whole = {name: np.ascontiguousarray(values) for name, values in feed.items()}
        if fresh or self._binding is None or asked != self._names:
            self._bind(asked, whole)
        else:
            for name, values in whole.items():
                self._inputs[name].update_inplace(values)
        self._session.run_with_iobinding(self._binding, options)
        return list(self._binding.copy_outputs_to_cpu())

    def _bind(self, names: tuple[str, ...], feed: Mapping[str, Array]) -> None:
        from onnxruntime import OrtValue

        self._inputs, self._binding, self._names = {}, None, names  # what was bound is let go first
        binding = self._session.io_binding()
        for name, values in feed.items():
            self._inputs[name] = OrtValue.ortvalue_from_numpy(values, *self._device)
            binding.bind_ortvalue_input(name, self._inputs[name])
        for name in names:
            binding.bind_output(name, *self._device)
        self._binding = binding
