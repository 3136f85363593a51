import json

import pytest

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.look import Look
from liveswapping.domain.settings import (
    CONFIG_KEYS,
    RULES,
    Settings,
    changed,
    load_settings,
    same_parts,
    with_parts_of,
)


def _config(tmp_path, **content):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_later_layers_win(tmp_path):
    config = _config(tmp_path, default_model="inswapper128", default_resolution=256, enable_mouth_mask=True)
    environment = {"OMP_NUM_THREADS": "2", "LIVESWAPPING_MODELS_DIR": "/models"}
    settings = load_settings({"model": "mesh", "opacity": "0.5"}, environment, config)
    assert settings.model == "mesh"
    assert settings.resolution == 256
    assert settings.threads == 2
    assert settings.models_dir == "/models"
    assert settings.look == Look(opacity=0.5, keep_mouth=True)


def test_nothing_given_means_the_defaults(tmp_path):
    assert load_settings({}, {}, tmp_path / "config.json") == Settings()
    assert load_settings({}, {"OMP_NUM_THREADS": " "}, None) == Settings()


def test_every_config_key_is_understood(tmp_path):
    config = _config(
        tmp_path,
        default_model="mesh",
        default_resolution=128,
        use_tensorrt=False,
        provider="cpu",
        upscale_factor=2,
        enable_mouth_mask=False,
        model_download_url="https://example.org/models/",
        gpu_mem_limit="2GB",
        label=False,
        credentials=False,
        timestamp_server="https://example.org/stamp",
    )
    settings = load_settings({}, {}, config)
    assert len(json.loads(config.read_text())) == len(CONFIG_KEYS)
    assert (settings.upscale, settings.use_tensorrt, settings.provider) == (2, False, "cpu")
    assert (settings.label, settings.credentials) == (False, False)


@pytest.mark.parametrize(
    ("written", "size"),
    [("4GB", 4 * 2**30), ("1.5 gb", 3 * 2**29), ("512MB", 2**29), (2**30, 2**30), ("67108864", 2**26)],
)
def test_a_memory_limit_is_an_amount_in_any_layer(tmp_path, written, size):
    assert load_settings({}, {}, _config(tmp_path, gpu_mem_limit=written)).gpu_mem_limit == size
    assert load_settings({}, {"LIVESWAPPING_GPU_MEM_LIMIT": str(written)}, None).gpu_mem_limit == size
    assert load_settings({"gpu_mem_limit": written}, {}, None).gpu_mem_limit == size


@pytest.mark.parametrize("written", ["4", "1MB", "-4GB", "4GiB of it", "", True, "infGB"])
def test_what_is_no_amount_of_memory_is_refused(written):
    with pytest.raises(SettingsError, match=r"gpu_mem_limit: .* allowed: an amount such as"):
        load_settings({"gpu_mem_limit": written}, {}, None)


def test_an_unknown_key_is_named_with_its_value_and_what_is_allowed(tmp_path):
    with pytest.raises(SettingsError, match=r"'default_modell'.*'mesh'.*allowed: default_model, default_resolution"):
        load_settings({}, {}, _config(tmp_path, default_modell="mesh"))


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("default_resolution", "huge", "a whole number from 64 to 1024"),
        ("default_resolution", True, "a whole number"),
        ("use_tensorrt", "maybe", "true or false"),
        ("provider", "quantum", "auto, cpu, cuda"),
        ("default_model", "", "text that is not empty"),
        ("default_model", 7, "text that is not empty"),
    ],
)
def test_a_bad_config_value_is_named_with_its_key_and_what_is_allowed(tmp_path, key, value, allowed):
    with pytest.raises(SettingsError) as caught:
        load_settings({}, {}, _config(tmp_path, **{key: value}))
    assert all(part in str(caught.value) for part in (key, repr(value), allowed))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["{", "[1]", "\xff"])
def test_a_config_file_that_is_no_json_object_is_one_line(tmp_path, content):
    path = tmp_path / "config.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(SettingsError, match=r"config\.json"):
        load_settings({}, {}, path)


def test_a_bad_environment_variable_is_named():
    with pytest.raises(SettingsError, match="OMP_NUM_THREADS: 'many'"):
        load_settings({}, {"OMP_NUM_THREADS": "many"}, None)
    with pytest.raises(SettingsError, match=r"ONNX_PROVIDERS: .*CUDAExecutionProvider"):
        load_settings({}, {"ONNX_PROVIDERS": "MagicExecutionProvider"}, None)


def test_onnx_providers_are_a_list_in_the_order_given():
    settings = load_settings({}, {"ONNX_PROVIDERS": "cudaexecutionprovider, CPUExecutionProvider"}, None)
    assert settings.onnx_providers == ("CUDAExecutionProvider", "CPUExecutionProvider")


def test_numbers_that_are_none_are_refused():
    for value in ("nan", "inf", "-0.1", True, None):
        with pytest.raises(SettingsError, match="opacity"):
            load_settings({"opacity": value}, {}, None)


def test_source_files_may_have_commas_in_their_names():
    assert load_settings({"sources": ["a,b.jpg"]}, {}, None).sources == ("a,b.jpg",)


def test_every_rule_belongs_to_a_setting_or_a_slider():
    names = {*Settings.__dataclass_fields__, *Look.__dataclass_fields__} - {"look"}
    assert set(RULES) == names


def test_a_slider_needs_no_other_parts_and_a_source_does():
    now = Settings(sources=("a.jpg",))
    assert same_parts(now, changed(now, {"opacity": 0.2, "delay_ms": 50, "faces": "all"}))
    other = changed(now, {"sources": ("b.jpg",), "opacity": 0.2})
    assert not same_parts(now, other)
    meanwhile = with_parts_of(now, other)
    assert meanwhile.sources == ("a.jpg",)
    assert meanwhile.look.opacity == 0.2
