from dataclasses import replace

import cv2
import numpy as np
import pytest

from liveswapping.build import (
    build_runner,
    identity_of,
    load_identity,
    open_source,
    open_store,
    picture,
    refuse_unusable,
    swap_picture,
)
from liveswapping.domain.errors import NoFaceFound, SettingsError, SourceError
from liveswapping.domain.look import Look
from liveswapping.domain.settings import Settings
from liveswapping.inference import devices
from liveswapping.inference.providers import options
from liveswapping.media.null import NullSink
from liveswapping.parts import _limit_torch
from liveswapping.pipeline.limit import Limited
from liveswapping.pipeline.status import State
from liveswapping.wanted import setup_of


@pytest.fixture(scope="module")
def face(astronaut_picture):
    return astronaut_picture[:320, 60:380]


@pytest.fixture(scope="module")
def wall():
    return np.full((240, 320, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def identity(face):
    return identity_of([("me", face)], Settings(), open_store(Settings()))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"model": "sunwapper"}, "there is no engine 'sunwapper'; known: mesh, reswapper128"),
        ({"model": "my.dfm"}, "there is no file 'my.dfm'"),
        ({"model": "gfpgan"}, "there is no engine 'gfpgan'"),
        ({"provider": "cuda"}, "provider 'cuda'"),
        ({"resolution": 256}, "resolution 256"),
        ({"look": Look(box_mask=True)}, "--box_mask is for swap networks"),
        ({"face_attribute_direction": "age.npy"}, "is for swap networks"),
        ({"face_attribute_steps": 0.5}, "needs a direction"),
        ({"morph": 0.5}, "mesh is none"),
        ({"weight": 0.8}, "--weight is for face restoration"),
        ({"only_center_face": True}, "--only_center_face is for face restoration"),
        ({"enhancer": "codeformer"}, "there is no face restorer 'codeformer'; known: gfpgan"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(change, says):
    with pytest.raises(SettingsError, match=says):
        refuse_unusable(replace(Settings(), **change))
    refuse_unusable(Settings(resolution=128, enhancer="none"))


def test_weights_can_come_from_another_address():
    settings = replace(Settings(), model_download_url="https://example.org/weights/", models_dir="/somewhere")
    store = open_store(settings)
    (model,) = store.select(["reswapper128"])
    assert model.source.address == "https://example.org/weights/reswapper-1019500.pth"
    assert store.select(["face_landmark"])[0].source != model.source
    assert str(store.file("reswapper128")).startswith(str(store.directory))


def test_a_photograph_without_a_face_is_left_out_while_another_has_one(face, wall):
    said = []
    found = identity_of([("wall.jpg", wall), ("me.jpg", face)], Settings(), open_store(Settings()), said.append)
    assert len(found.portraits) == 1
    assert said == ["left out, as no face was found: wall.jpg"]
    with pytest.raises(NoFaceFound, match=r"wall\.jpg"):
        identity_of([("wall.jpg", wall)], Settings(), open_store(Settings()))


def test_a_folder_of_photographs_is_one_person(face, tmp_path):
    for name in ("b.jpg", "a.jpg"):
        cv2.imwrite(str(tmp_path / name), face)
    (tmp_path / "notes.txt").write_text("no picture", encoding="utf-8")
    assert len(load_identity(Settings(sources=(str(tmp_path),)), print).portraits) == 2
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="there is no photograph"):
        load_identity(Settings(sources=(str(tmp_path / "empty"),)), print)


def test_one_picture_is_swapped_and_where_nothing_changes_every_bit_stays(face, identity):
    image = (face * 0.8).astype(np.uint8)
    before = image.copy()
    swapped = swap_picture(image, identity, Settings())
    assert swapped.swapped == swapped.found == 1
    assert (image == before).all()
    changed = (swapped.image != image).any(axis=2)
    assert 0.05 < changed.mean() < 0.6
    assert not changed[0].any()


def test_a_picture_without_a_face_is_an_error(wall, identity):
    with pytest.raises(NoFaceFound):
        swap_picture(wall, identity, Settings())


def test_pictures_are_arrays_or_files(face, tmp_path):
    assert picture(face) is face
    cv2.imwrite(str(tmp_path / "me.png"), face)
    assert (picture(tmp_path / "me.png") == face).all()


def test_the_demo_runs_through_the_whole_pipeline(identity):
    source = Limited(open_source(Settings(target="demo:"), realtime=False), frames=4, seconds=None)
    sink = NullSink()
    status = build_runner(Settings(), identity, source, [sink]).run()
    assert (status.state, status.failures, status.last_failure) == (State.ENDED, 0, "")
    assert status.frames_swapped == sink.frames == 4


def test_parts_are_closed_when_a_runner_cannot_be_built(identity, tmp_path):
    closed = []

    class Part(NullSink):
        live = False

        def close(self):
            closed.append(self)

    settings = Settings(models_dir=str(tmp_path))
    with pytest.raises(Exception, match="is missing"):
        build_runner(settings, identity, Part(), [Part(), Part()])
    assert len(closed) == 3


def test_the_memory_limit_of_a_card_reaches_its_sessions_and_torch(monkeypatch):
    settings = Settings(gpu_mem_limit=2**30)
    limits = []
    monkeypatch.setattr(devices, "limit_torch", lambda *values: limits.append(values))
    _limit_torch(settings)
    assert limits == [(None, 2**30)]
    assert options("CUDAExecutionProvider", "model", False, setup_of(settings))["gpu_mem_limit"] == str(2**30)
    assert "gpu_mem_limit" not in options("CUDAExecutionProvider", "model", False, setup_of(Settings()))
