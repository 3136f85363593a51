import pytest

from liveswapping.build_propainter import procedure
from liveswapping.cli.inpaint import options_of
from liveswapping.cli.parser import parse


def settings_of(*words, device="cpu", bfloat=False):
    given = parse(["inpaint", "--video", "clip.mp4", "--mask", "mask.png", *words]).options
    return procedure(options_of(given).propainter, device, bfloat=bfloat)


def test_nothing_inexact_is_tried_unless_it_is_asked_for():
    usual = settings_of(bfloat=True)
    assert (usual.precision, usual.int8, usual.compiles) == ("auto", False, False)


@pytest.mark.parametrize("spelling", ["--compile", "--compile_model", "--compile-model"])
def test_whole_numbers_and_compiling_are_asked_for_by_flags(spelling):
    asked = settings_of("--int8", spelling)
    assert asked.int8
    assert asked.compiles


@pytest.mark.parametrize(
    ("words", "device", "bfloat", "precision"),
    [
        (["--fp16"], "cuda", False, "fp16"),
        (["--precision", "bf16"], "cpu", False, "bf16"),
        (["--preset", "fast"], "cpu", True, "bf16"),
        (["--preset", "fast"], "cpu", False, "auto"),
        (["--preset", "fast"], "cuda", True, "auto"),
        (["--preset", "cpu"], "cpu", True, "fp32"),
        (["--preset", "fast", "--precision", "fp32"], "cpu", True, "fp32"),
    ],
)
def test_presets_choose_the_precision_that_a_device_is_fast_in(words, device, bfloat, precision):
    assert settings_of(*words, device=device, bfloat=bfloat).precision == precision
