"""Small ONNX restorers whose answers are known."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def restorer_model(path, size=512, channels=3, batch=1, fidelity=None, scaled=False):
    """A model that inverts the first channel; with `scaled` it multiplies by a second input, `w`, instead.

    `fidelity`: the shape of `w`, where there is one.
    """
    signs = np.float32([-1] + [1] * (channels - 1)).reshape(1, channels, 1, 1)
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, channels, size, size])]
    nodes = [helper.make_node("Mul", ["x", "signs"], ["changed" if scaled else "y"])]
    if fidelity is not None:
        inputs.append(helper.make_tensor_value_info("w", TensorProto.DOUBLE, fidelity))
        nodes.append(helper.make_node("Cast", ["w"], ["strength"], to=TensorProto.FLOAT))
    if scaled:
        nodes = [nodes[1], helper.make_node("Mul", ["x", "strength"], ["y"])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, channels, size, size])]
    weights = [] if scaled else [numpy_helper.from_array(signs, "signs")]
    graph = helper.make_graph(nodes, "restorer", inputs, outputs, weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path
