from collections import deque
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

import numpy as np
import pytest

from liveswapping.domain.errors import SourceError
from liveswapping.domain.snapshot import freeze, thaw


class Colour(Enum):
    RED = "red"


@dataclass(slots=True)
class Part:
    values: np.ndarray
    other: object = None


class Plain:
    def __init__(self):
        raise AssertionError("constructors are not called")


CLASSES = (Colour, Part, Plain)


def again(value):
    return thaw(freeze(value, CLASSES), CLASSES)


def test_everything_that_state_is_made_of_comes_back():
    plain = object.__new__(Plain)
    plain.count = 3
    value = {
        -1: [1, 2.5, None, True, "a"], "t": (Fraction(1, 3), Colour.RED), "d": deque([1]), "s": {4},
        "n": np.float32(0.1), "a": np.arange(6, dtype=np.int16).reshape(2, 3), "p": plain,
    }  # fmt: skip
    back = again(value)
    assert back["p"].count == 3
    assert (back["a"] == value["a"]).all()
    assert back["a"].dtype == np.int16
    assert type(back["n"]) is np.float32
    assert back["n"] == np.float32(0.1)
    assert {key: back[key] for key in (-1, "t", "d", "s")} == {key: value[key] for key in (-1, "t", "d", "s")}


def test_floats_come_back_to_the_last_bit():
    values = [0.1, 1e-308, 1 / 3, float(np.nextafter(1.0, 2.0))]
    assert again(values) == values


def test_what_was_shared_stays_shared():
    array = np.zeros(3)
    one = Part(array, array)
    back = again([one, one, array])
    assert back[0] is back[1]
    assert back[0].values is back[0].other is back[2]


def test_arrays_keep_their_layout():
    base = np.arange(24, dtype=np.float32).reshape(4, 6)
    for array in (base, base.T, base[:, :2], base[::2, 1:5:2]):
        back = again(array)
        assert (back == array).all()
        assert back.strides == array.strides


def test_an_unknown_class_is_named():
    with pytest.raises(TypeError, match=r"test_snapshot\.Part"):
        freeze(Part(np.zeros(1)), ())
    with pytest.raises(SourceError, match="begin anew"):
        thaw(freeze(Part(np.zeros(1)), CLASSES), ())


@pytest.mark.parametrize("data", [b"", b"no archive", freeze([1], ())[:-30]])
def test_what_is_none_of_ours_is_one_line(data):
    with pytest.raises(SourceError) as caught:
        thaw(data, CLASSES)
    assert "\n" not in str(caught.value)


def test_pickled_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "evil.npz", tree=np.array([{"a": 1}], dtype=object))
    with pytest.raises(SourceError):
        thaw((tmp_path / "evil.npz").read_bytes(), CLASSES)
