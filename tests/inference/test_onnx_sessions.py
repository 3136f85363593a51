"""Sessions that copy what they are given into places that stay, and shrink when that changes its shape."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from liveswapping.inference.onnx_sessions import BoundSession, SteadySession
from liveswapping.inference.providers import CPU, CUDA, Setup


@pytest.fixture(scope="module")
def session():
    """y = x · 2 + b for every size, and z = x."""
    nodes = [
        helper.make_node("Add", ["x", "x"], ["two"]),
        helper.make_node("Add", ["two", "b"], ["y"]),
        helper.make_node("Identity", ["x"], ["z"]),
    ]
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in ("x", "b", "y", "z")]
    graph = helper.make_graph(nodes, "sum", ports[:2], ports[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=[CPU])


class Listening:
    """A session that notes how it was run."""

    def __init__(self, session):
        self.session, self.options = session, []

    def __getattr__(self, name):
        return getattr(self.session, name)

    def run(self, names, feed, options):
        self.options.append(options)
        return self.session.run(names, feed, options)

    def run_with_iobinding(self, binding, options):
        self.options.append(options)
        self.session.run_with_iobinding(binding, options)


def made(kind, session, always=False):
    listening = Listening(session)
    where = (("cpu", 0),) if kind is BoundSession else ()
    return kind(listening, "cpu:0", always, *where), listening


def feed(count, value=1.0):
    return {"x": np.full((count, 3), value, np.float32), "b": np.arange(3 * count, dtype=np.float32).reshape(count, 3)}


@pytest.mark.parametrize("kind", [SteadySession, BoundSession])
def test_answers_are_those_of_the_session_whatever_came_before(session, kind):
    steady, _ = made(kind, session)
    for count, value in ((2, 1.0), (2, 5.0), (4, 2.0), (1, 3.0), (2, 4.0)):
        given = feed(count, value)
        for names in (None, ["z"], ["z", "y"]):
            found = steady.run(names, given)
            expected = session.run(names, given)
            assert len(found) == len(expected)
            assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("kind", [SteadySession, BoundSession])
def test_an_answer_is_not_written_over_by_the_next_run(session, kind):
    steady, _ = made(kind, session)
    first = steady.run(["z"], feed(2, 1.0))[0]
    steady.run(["z"], feed(2, 9.0))
    assert (first == 1.0).all()


@pytest.mark.parametrize("kind", [SteadySession, BoundSession])
def test_memory_is_given_back_only_after_shapes_have_changed(session, kind):
    steady, listening = made(kind, session)
    for count in (2, 2, 4, 4, 1, 1):
        steady.run(None, feed(count))
    assert [options is not None for options in listening.options] == [False, False, True, False, True, False]


def test_where_memory_is_short_it_is_given_back_after_every_run(session):
    steady, listening = made(SteadySession, session, always=True)
    for count in (2, 2, 4):
        steady.run(None, feed(count))
    assert all(options is not None for options in listening.options)


def test_inputs_that_are_not_in_one_piece_are_taken_too(session):
    bound, _ = made(BoundSession, session)
    for _ in range(2):
        given = {"x": np.ones((3, 2), np.float32).T, "b": np.zeros((2, 6), np.float32)[:, ::2]}
        assert np.array_equal(bound.run(["y"], given)[0], np.full((2, 3), 2.0))


def test_what_is_said_of_inputs_and_outputs_is_the_sessions(session):
    bound, _ = made(BoundSession, session)
    assert [port.name for port in bound.get_inputs()] == ["x", "b"]
    assert [port.name for port in bound.get_outputs()] == ["y", "z"]
    assert bound.get_providers() == [CPU]


@pytest.mark.parametrize(("provider", "kind"), [(CPU, SteadySession), (CUDA, BoundSession)])
def test_sessions_on_nvidias_cards_are_bound_and_those_of_the_processor_are_not(provider, kind):
    from liveswapping.inference.onnx_runtime import _steady

    class Made:
        def get_providers(self):
            return [provider, CPU]

    assert type(_steady(Made(), Setup())) is kind
