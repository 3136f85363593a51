from dataclasses import dataclass

import numpy as np
import pytest

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference.judgement import ANY, any_of_one_colour, fault, probe_feed


@dataclass
class Port:
    name: str
    shape: list
    type: str = "tensor(float)"


@pytest.fixture
def right():
    return [np.random.default_rng(0).random((1, 3, 8, 8), np.float32)]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_an_answer_that_is_no_number_is_refused(right, bad):
    right[0][0, 0, 0, 0] = bad
    assert fault(right) == "it answered NaN or infinity"


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_black_and_every_other_constant_is_refused(value):
    assert fault([np.full((1, 3, 8, 8), value)]) == "it answered the same number everywhere"


def test_one_constant_output_beside_a_picture_is_fine(right):
    assert fault([*right, np.zeros((1, 8, 8, 1))]) is None
    assert fault([np.float32([3.0])]) is None


def test_rounding_of_half_precision_agrees_and_another_picture_does_not(right):
    assert fault([right[0].astype(np.float16)], right) is None
    assert "something else than the processor" in fault([right[0][..., ::-1]], right)
    assert "something else" in fault([right[0] + 0.1], right)


def test_an_answer_of_another_size_is_refused(right):
    assert "(1, 3, 4, 4)" in fault([right[0][..., :4, :4]], right)


def test_a_constant_where_the_processor_sees_something_is_refused(right):
    assert fault([right[0], np.zeros_like(right[0])], [right[0], right[0]]) is not None


def test_probe_inputs_are_the_same_every_time_and_of_the_right_type():
    ports = [Port("a", ["batch", 3, 4, 4]), Port("b", [1], "tensor(float16)"), Port("n", [2], "tensor(int64)")]
    one, two = probe_feed(ports, {}), probe_feed(ports, {})
    assert {name: (values.shape, values.dtype) for name, values in one.items()} == {
        "a": ((1, 3, 4, 4), np.float32),
        "b": ((1,), np.float16),
        "n": ((2,), np.int64),
    }
    assert all(np.array_equal(one[name], two[name]) for name in one)


def test_open_sizes_are_filled_by_the_caller_or_refused():
    port = Port("a", ["batch", 3, "height", None])
    assert probe_feed([port], {"a": (1, 3, 6, 8)})["a"].shape == (1, 3, 6, 8)
    assert probe_feed([port, Port("n", [2])], {ANY: (1, 3, 6, 8)})["a"].shape == (1, 3, 6, 8)
    with pytest.raises(ModelLoadError, match="input 'a'"):
        probe_feed([port], {})
    with pytest.raises(ModelLoadError, match="tensor\\(string\\)"):
        probe_feed([Port("s", [1], "tensor(string)")], {})


def test_a_face_of_one_colour_is_noticed_among_others():
    faces = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    assert not any_of_one_colour(faces)
    faces[1] = 0
    assert any_of_one_colour(faces)
