"""Small ONNX models with the inputs and outputs of published detectors and recognisers, and answers that are known."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def save(path, nodes, inputs, outputs, initialisers):
    values = [[helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in side] for side in (inputs, outputs)]
    weights = [numpy_helper.from_array(np.asarray(array, np.float32), name) for name, array in initialisers.items()]
    graph = helper.make_graph(nodes, "model", values[0], values[1], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


def fixed_answers(path, name, shape, answers):
    """A model that takes `shape` and always answers `answers` (name -> array)."""
    nodes = [
        helper.make_node("ReduceMean", [name], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "none"], ["nothing"]),
    ]
    initialisers = {"none": np.zeros(())}
    for output, array in answers.items():
        initialisers[f"{output}_answer"] = array
        nodes.append(helper.make_node("Add", [f"{output}_answer", "nothing"], [output]))
    outputs = [(output, list(array.shape)) for output, array in answers.items()]
    return save(path, nodes, [(name, shape)], outputs, initialisers)


def scrfd(path, faces, size=640):
    """A detector that sees `faces` (score, centre column, centre row in strides of 8, box (4,), keypoints (5, 2))."""
    answers = {}
    for part, width in (("score", 1), ("bbox", 4), ("kps", 10)):
        for stride in (8, 16, 32):
            answers[f"{part}_{stride}"] = np.zeros((2 * (size // stride) ** 2, width), np.float32)
    for score, column, row, box, points in faces:
        anchor = 2 * (row * (size // 8) + column)
        centre = np.array([column * 8.0, row * 8.0])
        answers["score_8"][anchor] = score
        answers["bbox_8"][anchor] = np.concatenate([centre - box[:2], box[2:] - centre]) / 8
        answers["kps_8"][anchor] = (np.asarray(points) - centre).ravel() / 8
    return fixed_answers(path, "input.1", [1, 3, "h", "w"], answers)


def yunet(path, faces, height=640, width=640, shape=("batch", 3, "height", "width")):
    """A detector that sees `faces` (score, column, row in strides of 16, box (4,), keypoints (5, 2))."""
    answers = {}
    for part, numbers in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
        for stride in (8, 16, 32):
            answers[f"{part}_{stride}"] = np.zeros((1, (height // stride) * (width // stride), numbers), np.float32)
    for score, column, row, box, points in faces:
        cell = row * (width // 16) + column
        place = np.array([column, row])
        answers["cls_16"][0, cell] = answers["obj_16"][0, cell] = score
        centre, size = (box[:2] + box[2:]) / 32, (box[2:] - box[:2]) / 16
        answers["bbox_16"][0, cell] = np.concatenate([centre - place, np.log(size)])
        answers["kps_16"][0, cell] = (np.asarray(points) / 16 - place).ravel()
    return fixed_answers(path, "input", list(shape), answers)


def arcface(path, numbers=512):
    """Mean colours of 16 parts of the crop, mixed into `numbers`."""
    mix = np.random.default_rng(2).standard_normal((48, numbers))
    nodes = [
        helper.make_node("AveragePool", ["input.1"], ["parts"], kernel_shape=[28, 28], strides=[28, 28]),
        helper.make_node("Flatten", ["parts"], ["flat"]),
        helper.make_node("MatMul", ["flat", "mix"], ["683"]),
    ]
    return save(path, nodes, [("input.1", ["n", 3, 112, 112])], [("683", ["n", numbers])], {"mix": mix})


def occluder(path, size, last, logits=False):
    """Says of every pixel how green it is, as XSeg says how much of it is face; channels last or first."""
    weights = {"green": np.array([0, 1, 0]).reshape((1, 1, 1, 3) if last else (1, 3, 1, 1))}
    nodes = [
        helper.make_node("Mul", ["input", "green"], ["of"]),
        helper.make_node("ReduceSum", ["of", "axes"], ["share"], keepdims=1),
    ]
    if logits:
        weights |= {"steep": np.full((), 20.0), "half": np.full((), -10.0)}
        nodes += [
            helper.make_node("Mul", ["share", "steep"], ["steeper"]),
            helper.make_node("Add", ["steeper", "half"], ["output"]),
        ]
    else:
        nodes.append(helper.make_node("Identity", ["share"], ["output"]))
    nodes.insert(0, helper.make_node("Constant", [], ["axes"], value_ints=[3 if last else 1]))
    shapes = ([1, size, size, 3], [1, size, size, 1]) if last else ([1, 3, size, size], [1, 1, size, size])
    return save(path, nodes, [("input", shapes[0])], [("output", shapes[1])], weights)


def parser(path, size, classes=19):
    """Takes red pixels for skin (1) and all others for hair (the last but one)."""
    mix = np.zeros((classes, 3, 1, 1))
    mix[1, 0], bias = 40.0, np.zeros(classes)
    bias[classes - 2] = 10.0
    nodes = [helper.make_node("Conv", ["input", "mix", "bias"], ["output"], kernel_shape=[1, 1])]
    return save(
        path, nodes, [("input", [1, 3, size, size])], [("output", [1, classes, size, size])], {"mix": mix, "bias": bias}
    )
