"""Masks, looks and analysers, with every engine, in pixels."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import cv2
import numpy as np
import pytest

from liveswapping.build import identity_of, open_store
from liveswapping.domain.look import Look
from liveswapping.domain.settings import Settings
from liveswapping.inference import catalog
from liveswapping.masks.occlusion import OcclusionMasker
from liveswapping.observers import open_analyser, open_masker
from liveswapping.parts import open_swapper
from liveswapping.pipeline.pipeline import Pipeline
from liveswapping.pipeline.timing import Laps
from liveswapping.run import main
from tests.faces import onnx_models
from tests.named_weights import one_thread  # noqa: F401
from tests.swappers.test_dfm import dfm
from tests.test_neural_runs import weights  # noqa: F401

ENGINES = ("mesh", "reswapper128", "inswapper128", "someone.dfm")
NEURAL = ENGINES[1:]
ANALYSERS = ("mediapipe", "insightface", "yunet")
POINTS = np.float32([[130, 86], [180, 88], [152, 110], [136, 131], [172, 132]])
"""Eyes, nose and mouth of the photograph."""


class Kept:
    """A part that outlives the pipeline that it is lent to."""

    def __init__(self, part):
        self.part = part

    def __getattr__(self, name):
        return getattr(self.part, name)

    def close(self):
        pass


class Known(Kept):
    """An analyser that has looked already."""

    def faces(self, image):
        return self.part


class Workshop:
    """All engines and what the analysers find in one photograph, opened once."""

    def __init__(self, folder, photo, source, opened):
        self.photo = photo
        self.settings = Settings(models_dir=str(folder), provider="cpu", resolution=128)
        self.store = open_store(self.settings)
        self.engines = {}
        for name in ENGINES:
            settings = replace(self.settings, model=str(folder / name) if name.endswith(".dfm") else name)
            self.engines[name] = open_swapper(settings, self.store, print)
            opened.callback(self.engines[name].close)
        self.person = identity_of([("me", source)], replace(self.settings, model="reswapper128"), self.store)
        self.found = {name: self.look(name) for name in ANALYSERS}

    def look(self, name):
        analyser = open_analyser(replace(self.settings, analyser=name), self.store, live=False)
        try:
            return analyser.faces(self.photo)
        finally:
            analyser.close()

    def swap(self, engine, look=Look(colour=0.5), analyser="mediapipe", photo=None, masker=None):  # noqa: B008
        image = self.photo if photo is None else photo
        parts = Known(self.found[analyser]), Kept(self.engines[engine]), self.person, masker
        pipeline = Pipeline(*parts)
        try:
            return pipeline.process(image, replace(self.settings, look=look), Laps()).image
        finally:
            pipeline.close()

    def change(self, *arguments, photo=None, **words):
        """How much every pixel changed: (h, w)."""
        image = self.photo if photo is None else photo
        return np.abs(self.swap(*arguments, photo=photo, **words).astype(int) - image).sum(axis=2)


@pytest.fixture(scope="module")
def workshop(weights, astronaut_picture):  # noqa: F811
    face = astronaut_picture[:320, 60:380]
    photo = np.ascontiguousarray((face[20:300, 10:310] * 0.8).astype(np.uint8))
    dfm(weights / "someone.dfm")
    seen = (0.9, 9, 7, np.float32([102, 46, 205, 168]), POINTS)
    onnx_models.yunet(weights / catalog.CATALOG["yunet"].file, [seen], 288, 320)
    rows = {name: replace(row, sha256=None) for name, row in catalog.CATALOG.items()}
    with pytest.MonkeyPatch.context() as patch, ExitStack() as opened:
        patch.setattr(catalog, "CATALOG", rows)
        patch.setattr("liveswapping.inference.providers.cache_directory", lambda: weights / "cache")
        source = cv2.GaussianBlur(np.ascontiguousarray(face[:, ::-1]), (0, 0), 1.5)
        yield Workshop(weights, photo, source, opened)


def at(values, point):
    x, y = np.round(point).astype(int)
    return values[y - 2 : y + 3, x - 2 : x + 3].mean()


@pytest.mark.parametrize("analyser", ANALYSERS)
@pytest.mark.parametrize("engine", ENGINES)
def test_any_analyser_serves_any_engine(workshop, engine, analyser):
    changed = workshop.change(engine, analyser=analyser) > 0
    rows, columns = np.nonzero(changed)
    assert 0.03 < changed.mean() < 0.6
    assert abs(columns.mean() - 159) < 20
    assert abs(rows.mean() - 125) < 35


@pytest.mark.parametrize("analyser", ANALYSERS)
@pytest.mark.parametrize("engine", NEURAL)
def test_mouth_and_eyes_can_be_kept(workshop, engine, analyser):
    points = workshop.found["mediapipe"][0].keypoints
    lips = points[3:].mean(axis=0)
    plain, mouth, eyes = (
        workshop.change(engine, Look(colour=0.0, **kept), analyser)
        for kept in ({}, {"keep_mouth": True}, {"keep_eyes": True})
    )
    assert min(at(plain, lips), at(plain, points[1])) > 10
    assert at(mouth, lips) < 0.1 * at(plain, lips)
    assert at(mouth, points[1]) == pytest.approx(at(plain, points[1]), abs=3)
    assert at(eyes, points[1]) < 0.1 * at(plain, points[1])
    assert at(eyes, lips) == pytest.approx(at(plain, lips), abs=3)


@pytest.mark.parametrize("engine", ENGINES)
def test_opacity_erosion_and_edge_work_on_the_patch(workshop, engine):
    plain = workshop.change(engine)
    half = workshop.change(engine, Look(colour=0.5, opacity=0.5))
    assert half.sum() == pytest.approx(plain.sum() / 2, rel=0.08)
    small = workshop.change(engine, Look(colour=0.5, erode=0.4))
    assert (small > 0).sum() < 0.8 * (plain > 0).sum()
    assert not small[plain == 0].any()
    soft, hard = (workshop.change(engine, Look(colour=0.5, edge=edge)) for edge in (1.0, 0.0))
    assert soft.sum() < 0.95 * plain.sum()
    assert (hard > 0).sum() < (plain > 0).sum()


@pytest.mark.parametrize("engine", ENGINES)
def test_light_follows_the_target_as_far_as_asked_and_detail_can_be_lifted(workshop, engine):
    shade = np.linspace(0.2, 1.2, workshop.photo.shape[1])[None, :, None]
    dark = np.clip(workshop.photo * shade, 0, 255).astype(np.uint8)
    cheeks = (slice(98, 125), slice(122, 138)), (slice(98, 125), slice(166, 182))
    plain, lit = (workshop.swap(engine, Look(), photo=photo).astype(float) for photo in (None, dark))
    for cheek in cheeks:
        wanted = dark[cheek].mean() / workshop.photo[cheek].mean()
        assert lit[cheek].mean() / plain[cheek].mean() == pytest.approx(wanted, abs=0.12)
    unlit = workshop.swap(engine, Look(colour=0.0), photo=dark)
    assert np.abs(unlit - lit).max() > 10
    sharp = workshop.swap(engine, Look(sharpness=1.0), photo=dark)
    changed = np.abs(sharp - lit).max(axis=2) > 0
    detail = [cv2.Laplacian(np.float32(picture), cv2.CV_32F)[changed].std() for picture in (lit, sharp)]
    assert detail[1] > 1.1 * detail[0]


@pytest.mark.parametrize("engine", NEURAL)
def test_the_whole_square_can_be_pasted(workshop, engine):
    hull, box = workshop.change(engine) > 0, workshop.change(engine, Look(colour=0.5, box_mask=True)) > 0
    assert box.sum() > 1.1 * hull.sum()
    assert (hull & ~box).sum() < 0.02 * hull.sum()


@pytest.mark.parametrize("engine", ENGINES)
def test_what_hides_the_face_stays_in_front(workshop, engine):
    photo = workshop.photo.copy()
    cv2.line(photo, (90, 175), (230, 120), (60, 160, 60), 16)
    bar = cv2.erode((photo == (60, 160, 60)).all(axis=2).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    bar &= workshop.change(engine, photo=photo) > 30
    assert bar.sum() > 100
    plain = workshop.change(engine, photo=photo)[bar].mean()
    masked = workshop.change(engine, photo=photo, masker=OcclusionMasker(workshop.store.path))[bar].mean()
    assert masked < 0.3 * plain


@pytest.mark.parametrize("kind", ["occluder", "parser"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_of_the_users_says_what_of_the_face_is_swapped(workshop, engine, kind, tmp_path):
    """Each says that the left half is something else."""
    half = np.zeros((64, 64), np.float32)
    half[:, 32:] = 20.0
    if kind == "occluder":
        shape, answer = (1, 64, 64, 3), half[None, :, :, None] - 10
    else:
        shape, answer = (1, 3, 64, 64), np.stack([10 + 0 * half, half, *[0 * half] * 17])[None]
    model = onnx_models.fixed_answers(tmp_path / f"{kind}.onnx", "input", list(shape), {"output": answer})
    said = []
    masker = open_masker(replace(workshop.settings, **{kind: str(model)}), workshop.store, said.append)
    look = Look(colour=0.0)
    bare, masked = workshop.change(engine, look), workshop.change(engine, look, masker=masker)
    masker.close()
    face, hidden = (slice(95, 125), slice(168, 182)), (slice(95, 125), slice(126, 140))
    assert masked[face].mean() > 0.8 * bare[face].mean()
    assert masked[hidden].mean() < 0.1 * bare[hidden].mean()
    assert said == [f"{kind}.onnx at 64 pixels runs on cpu (model)"]


def test_masks_looks_and_analysers_are_reached_from_the_command_line(workshop, tmp_path, monkeypatch, capfd, weights):  # noqa: F811
    monkeypatch.setenv("LIVESWAPPING_MODELS_DIR", str(weights))
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("me.png", workshop.photo[:, ::-1])
    cv2.imwrite("photo.png", workshop.photo)
    onnx_models.occluder(tmp_path / "xseg.onnx", 64, True)
    onnx_models.parser(tmp_path / "bisenet.onnx", 64)
    words = ["image", "--source", "me.png", "--target", "photo.png", "-o", "o.png", "--provider", "cpu"]
    words += ["--model", "reswapper128", "--resolution", "64", "--analyser", "yunet", "--box_mask", "--erode", "0.1"]
    words += [
        "--mouth_mask",
        "--keep_eyes",
        "--opacity",
        "0.9",
        "--sharpness",
        "0.2",
        "--edge",
        "0.6",
        "--colour",
        "0.8",
    ]
    assert main(words) == 0
    plain = cv2.imread("o.png")
    assert main([*words, "--occluder", "xseg.onnx", "--parser", "bisenet.onnx"]) == 0
    assert "bisenet.onnx at 64 pixels runs on cpu" in capfd.readouterr().err
    assert (cv2.imread("o.png") != plain).any()
    onnx_models.arcface(tmp_path / "face.onnx")
    assert main([*words, "--occluder", "face.onnx"]) == 1
    assert "is no occluder or parser" in capfd.readouterr().err
