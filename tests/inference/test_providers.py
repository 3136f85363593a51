import pytest

from liveswapping.domain import settings
from liveswapping.domain.errors import SettingsError
from liveswapping.inference import providers
from liveswapping.inference.providers import LADDER, Setup, ladder, options, provider_list, rung_named


def names(rungs):
    return [rung.name for rung in rungs]


def test_the_order_is_fastest_first_and_the_processor_last():
    assert names(ladder()) == ["tensorrt", "cuda", "directml", "coreml", "openvino", "cpu"]
    assert names(ladder(None)) == names(ladder("auto")) == names(ladder(""))


@pytest.mark.parametrize("rung", LADDER[:-1], ids=lambda rung: rung.name)
def test_asking_for_one_provider_leaves_it_and_the_processor(rung):
    assert names(ladder(rung.name)) == [rung.name, "cpu"]
    assert names(ladder(rung.provider)) == [rung.name, "cpu"]


def test_asking_for_the_processor_leaves_only_it():
    assert names(ladder("cpu")) == ["cpu"]


def test_the_environment_restricts_without_changing_the_order():
    assert names(ladder("auto", ("CPUExecutionProvider", "DmlExecutionProvider", "CUDAExecutionProvider"))) == [
        "cuda",
        "directml",
        "cpu",
    ]
    assert names(ladder("auto", ("CUDAExecutionProvider",))) == ["cuda", "cpu"]
    assert names(ladder("cuda", ("DmlExecutionProvider",))) == ["cpu"]


def test_tensorrt_can_be_declined():
    assert "tensorrt" not in names(ladder(use_tensorrt=False))
    assert names(ladder("tensorrt", use_tensorrt=False)) == ["cpu"]


@pytest.mark.parametrize(("written", "meant"), [("TRT", "tensorrt"), ("dml", "directml"), (" Cuda ", "cuda")])
def test_short_and_differently_written_names_are_understood(written, meant):
    assert rung_named(written).name == meant


def test_a_provider_that_does_not_exist_is_one_line_that_names_the_others():
    with pytest.raises(SettingsError, match="there is no provider 'vulkan'; known: auto, tensorrt, cuda") as refused:
        ladder("vulkan")
    assert "\n" not in str(refused.value)
    with pytest.raises(SettingsError, match="VulkanExecutionProvider"):
        ladder("auto", ("VulkanExecutionProvider",))


def test_settings_and_ladder_know_the_same_names():
    assert set(settings.PROVIDERS) == {"auto", *names(LADDER)}
    assert set(settings.ONNX_PROVIDERS) == {rung.provider for rung in LADDER}


def test_tensorrt_keeps_engines_and_timings_and_can_do_without_half_precision(tmp_path):
    setup = Setup(cache=tmp_path, device=1)
    full = options(providers.TENSORRT, "fp16", False, setup)
    assert full["trt_fp16_enable"] == "True"
    assert full["device_id"] == "1"
    for kind in ("engine", "timing"):
        assert full[f"trt_{kind}_cache_enable"] == "True"
        assert full[f"trt_{kind}_cache_path"] == str(tmp_path / "tensorrt")
    assert (tmp_path / "tensorrt").is_dir()
    assert options(providers.TENSORRT, "fp32", False, setup)["trt_fp16_enable"] == "False"
    small = options(providers.TENSORRT, "fp16", True, setup)
    assert int(small["trt_max_workspace_size"]) < int(full["trt_max_workspace_size"])


def test_cuda_keeps_to_the_users_limit(tmp_path):
    assert "gpu_mem_limit" not in options(providers.CUDA, "model", False, Setup(cache=tmp_path))
    limited = options(providers.CUDA, "model", False, Setup(cache=tmp_path, gpu_memory_limit=2**31))
    assert limited["gpu_mem_limit"] == str(2**31)
    assert limited["arena_extend_strategy"] == "kSameAsRequested"


def test_tensorrt_hands_what_it_cannot_to_cuda(tmp_path):
    asked = provider_list(rung_named("tensorrt"), "fp16", False, Setup(cache=tmp_path))
    assert [name for name, _ in asked] == [providers.TENSORRT, providers.CUDA]
    assert provider_list(rung_named("cpu"), "model", False, Setup(cache=tmp_path)) == [(providers.CPU, {})]
