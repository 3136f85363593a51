"""The store: names to verified files, out of real wheels and files, with a pip that serves from a folder."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from liveswapping.domain.errors import ModelDownloadError, ModelError
from liveswapping.inference.catalog import BUILTIN, CATALOG, Model, Url, Wheel, WheelMember
from liveswapping.inference.store import FileState, Store, model_directory

EYES, NOSE = b"eyes " * 1000, b"nose " * 1000


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(folder: Path, members: Mapping[str, bytes]) -> Wheel:
    """A wheel that pip takes for real, served from a folder by PIP_FIND_LINKS."""
    path = folder / "facenets-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    metadata = {
        "facenets-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: facenets\nVersion: 1.0\n",
        "facenets-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_28_x86_64\n",
        "facenets-1.0.dist-info/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**members, **metadata}.items():
            archive.writestr(name, data)
    data = path.read_bytes()
    return Wheel("facenets", "1.0", "3.11", "cp311", "manylinux_2_28_x86_64", sha256(data), len(data))


def row(name: str, source: Url | WheelMember, data: bytes) -> Model:
    return Model(name, f"{name}.tflite", source, sha256(data), len(data), "Apache-2.0", (), (), "for tests")


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheel:
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return make_wheel(folder, {"nets/eyes.tflite": EYES, "nets/nose.tflite": NOSE})


@pytest.fixture
def store(tmp_path: Path, wheel: Wheel) -> Store:
    rows = (
        row("eyes", WheelMember(wheel, "nets/eyes.tflite"), EYES),
        row("nose", WheelMember(wheel, "nets/nose.tflite"), NOSE),
    )
    return Store(tmp_path / "models", {model.name: model for model in rows})


def test_all_members_of_a_wheel_come_in_one_download(store: Store) -> None:
    reports: list[tuple[str, int, int | None]] = []
    fetched = store.pull(["eyes"], lambda *report: reports.append(report))
    assert [model.name for model in fetched] == ["eyes", "nose"]
    assert store.path("eyes").read_bytes() == EYES
    assert store.path("nose").read_bytes() == NOSE
    label, done, total = reports[-1]
    assert label == "facenets 1.0"
    assert done == total
    assert sorted(path.name for path in store.directory.iterdir()) == ["eyes.tflite", "nose.tflite"]


def test_what_is_here_is_not_fetched_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.ensure("eyes")
    monkeypatch.setenv("PIP_FIND_LINKS", "nowhere")
    assert store.pull(["eyes", "nose"]) == ()
    assert store.ensure("nose") == store.path("nose")


def test_a_damaged_file_is_named_and_replaced(store: Store) -> None:
    store.ensure("eyes")
    store.file("eyes").write_bytes(b"damaged")
    assert store.state("eyes") is FileState.DAMAGED
    with pytest.raises(ModelError, match=r"eyes\.tflite is damaged.*models pull eyes"):
        store.path("eyes")
    assert store.ensure("eyes").read_bytes() == EYES


def test_a_missing_file_is_one_line_with_the_cure_and_no_download(store: Store) -> None:
    with pytest.raises(ModelError, match=r"eyes\.tflite is missing.*models pull eyes") as caught:
        store.path("eyes")
    assert "\n" not in str(caught.value)
    assert not store.directory.exists()


def test_a_wheel_with_the_wrong_hash_gives_nothing(tmp_path: Path, wheel: Wheel) -> None:
    other = Wheel(wheel.project, wheel.version, "3.11", "cp311", wheel.platform, "0" * 64, wheel.size)
    store = Store(tmp_path / "models", {"eyes": row("eyes", WheelMember(other, "nets/eyes.tflite"), EYES)})
    with pytest.raises(ModelDownloadError, match="not the published file"):
        store.ensure("eyes")
    assert not store.directory.exists()


def test_a_member_with_the_wrong_hash_is_not_taken_for_a_model(tmp_path: Path, wheel: Wheel) -> None:
    store = Store(tmp_path / "models", {"eyes": row("eyes", WheelMember(wheel, "nets/eyes.tflite"), NOSE)})
    with pytest.raises(ModelDownloadError, match="not the published file"):
        store.ensure("eyes")
    assert not store.directory.exists()


def test_a_wheel_without_the_member_is_one_line(tmp_path: Path, wheel: Wheel) -> None:
    store = Store(tmp_path / "models", {"ears": row("ears", WheelMember(wheel, "nets/ears.tflite"), EYES)})
    with pytest.raises(ModelDownloadError, match=r"holds no sound nets/ears\.tflite"):
        store.ensure("ears")


def test_an_index_without_the_wheel_is_one_line(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(ModelDownloadError, match=r"facenets 1\.0 could not be fetched with pip") as caught:
        store.ensure("eyes")
    assert "\n" not in str(caught.value)


def test_no_network_is_one_line(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(ModelDownloadError, match="no network") as caught:
        store.ensure("eyes")
    assert "\n" not in str(caught.value)


def test_models_are_found_by_name_and_by_file_and_by_group() -> None:
    store = Store()
    assert [model.name for model in store.select(["builtin"])] == list(BUILTIN)
    assert [model.name for model in store.select(["all"])] == list(CATALOG)
    assert [model.name for model in store.select(["models/iris_landmark.tflite", "iris_landmark"])] == ["iris_landmark"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("models/reswapper128.pth", "reswapper128"),
        ("models/reswapper-1019500.pth", "reswapper128"),
        ("inswapper_128", "inswapper128"),
        ("models/inswapper128.onnx", "inswapper128"),
        ("models/buffalo_l/w600k_r50.onnx", "buffalo_l_recognition"),
        ("GFPGANv1.4", "gfpgan14"),
    ],
)
def test_published_names_of_files_stand_for_the_registered_ones(written: str, name: str) -> None:
    assert [model.name for model in Store().select([written])] == [name]


def test_what_one_command_has_to_fetch_is_named_once(tmp_path: Path) -> None:
    names = Store(tmp_path).missing(["reswapper128", "buffalo_l", "emap", "iris_landmark", "face_landmark"])
    assert names == ("reswapper128", "buffalo_l", "emap", "builtin")


def test_an_unknown_model_is_one_line_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match="no model 'nobody'; known: face_detection_short_range"):
        Store().select(["nobody"])


def test_the_environment_names_the_model_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(tmp_path))
    assert model_directory() == tmp_path
    assert Store().directory == tmp_path


def test_a_checkout_keeps_its_models_in_its_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVESWAPPING_MODELS_DIR", raising=False)
    assert model_directory() == Path(__file__).parents[2] / "models"


@pytest.mark.parametrize("name", BUILTIN)
def test_a_row_of_the_catalogue_is_true_of_its_file(name: str) -> None:
    from ai_edge_litert.interpreter import Interpreter

    model = CATALOG[name]
    path = Store().path(name)
    assert path.stat().st_size == model.size
    network = Interpreter(model_path=str(path))
    assert [tuple(one["shape"]) for one in network.get_input_details()] == list(model.inputs)
    assert [tuple(one["shape"]) for one in network.get_output_details()] == list(model.outputs)


def test_every_row_has_a_name_a_file_and_a_hash_of_its_own() -> None:
    rows = list(CATALOG.values())
    assert all(CATALOG[model.name] is model for model in rows)
    assert len({model.file for model in rows}) == len(rows)
    published = [model.sha256 for model in rows if model.sha256 is not None]
    assert len(set(published)) == len(published)
    assert all(len(sha256) == 64 for sha256 in published)


@pytest.mark.parametrize("model", CATALOG.values(), ids=CATALOG)
def test_the_folder_of_the_models_says_what_each_is(model: Model) -> None:
    readme = (Path(__file__).parents[2] / "models" / "README.md").read_text(encoding="utf-8")
    assert f"| {model.name} | {model.file} |" in readme
    assert model.size is None or f"{model.size:,}" in readme
