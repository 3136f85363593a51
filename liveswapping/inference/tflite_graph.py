"""The operations of a .tflite network, with its weights as plain arrays, for other runtimes to compute.

LiteRT itself unpacks the weights (half precision, block sparse), so that nothing of the format's packing is known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.errors import ModelLoadError

Array = NDArray[Any]
_UNPACKING: Final = ("DEQUANTIZE", "DENSIFY")


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation. Tensors are numbers; their layout is the format's: N, H, W, C."""

    kind: str
    """As the format names it: CONV_2D, ADD, …"""
    inputs: Sequence[int]
    output: int
    options: Mapping[str, Any]
    """The format's own names: strideW, padding (0 same, 1 valid), fusedActivationFunction (1 ReLU, 3 ReLU6), …"""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A network with one output per operation, in an order in which it can be computed."""

    operations: Sequence[Operation]
    constants: Mapping[int, Array]
    shapes: Mapping[int, tuple[int, ...]]
    input: int
    outputs: Sequence[int]


def read_graph(path: Path) -> Graph:
    """The network in a file that LiteRT takes. Raises ModelLoadError for what is none."""
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    try:
        data = path.read_bytes()
        reference = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        interpreter = Interpreter(
            model_content=data, experimental_op_resolver_type=reference, experimental_preserve_all_tensors=True
        )
        interpreter.allocate_tensors()
        interpreter.invoke()  # unpacks the weights
        subgraph = schema.ModelT.InitFromPackedBuf(data, 0)
    except (ValueError, RuntimeError, OSError) as error:
        raise ModelLoadError(f"{path} cannot be read as a network ({error}); fetch it again") from error
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    kinds = [names[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in subgraph.operatorCodes]
    (net,) = subgraph.subgraphs
    computed = {int(op.outputs[0]) for op in net.operators if kinds[op.opcodeIndex] not in _UNPACKING}
    needed = {int(number) for op in net.operators for number in op.inputs} - computed - {-1, int(net.inputs[0])}
    return Graph(
        [_operation(op, kinds[op.opcodeIndex]) for op in net.operators if kinds[op.opcodeIndex] not in _UNPACKING],
        {number: np.array(interpreter.get_tensor(number)) for number in sorted(needed)},
        {number: tuple(map(int, tensor.shape)) for number, tensor in enumerate(net.tensors)},
        int(net.inputs[0]),
        [int(detail["index"]) for detail in interpreter.get_output_details()],
    )


def _operation(op: Any, kind: str) -> Operation:  # noqa: ANN401 - of a generated class
    options = {} if op.builtinOptions is None else vars(op.builtinOptions)
    return Operation(kind, [int(number) for number in op.inputs], int(op.outputs[0]), options)
