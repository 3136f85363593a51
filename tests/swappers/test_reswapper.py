import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch

from liveswapping.domain.errors import ModelLoadError, SettingsError
from liveswapping.domain.face import Identity, Target
from liveswapping.domain.handover import Shared
from liveswapping.domain.look import Look
from liveswapping.imaging.align import SWAP, crop
from liveswapping.inference import torch_pictures
from liveswapping.inference.devices import TorchDevice
from liveswapping.inference.networks.reswapper import StyleTransferModel
from liveswapping.inference.torch_pictures import TorchPictures
from liveswapping.inference.torch_swap import TorchSwap
from liveswapping.swappers.aligned import AlignedSwapper
from liveswapping.swappers.latent import source_latent
from liveswapping.swappers.reswapper import open_reswapper
from tests.swappers.conftest import KEYPOINTS

PLAIN = Look(colour=0.0)


@pytest.fixture
def engine(narrow, emap):
    engine = open_reswapper(narrow.path, emap, 64, "cpu")
    yield engine
    engine.close()


def by_hand(network, image, face, identity, emap, size):
    """The published steps: crop, RGB 0..1, network, BGR bytes."""
    cut = crop(image, SWAP.matrix(face.keypoints, size), size)
    target = torch.from_numpy(cut[:, :, ::-1].transpose(2, 0, 1)[None] / np.float32(255))
    answer = network(target, torch.from_numpy(source_latent(identity, emap))[None])
    return np.rint(answer[0].numpy().transpose(1, 2, 0)[:, :, ::-1] * 255).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [32, 64, 100])
def test_a_patch_is_what_the_published_steps_give(narrow, emap, astronaut, face, person, size):
    engine = open_reswapper(narrow.path, emap, size, "cpu")
    identity = person(1)
    (patch,) = engine.swap(astronaut, [Target(face, identity, look=PLAIN)])
    expected = by_hand(narrow.network, astronaut, face, identity, emap, size)
    assert np.abs(patch.image.astype(int) - expected).max() <= 1
    assert np.array_equal(patch.matrix, SWAP.matrix(face.keypoints, size))
    assert patch.mask.shape == patch.image.shape[:2] == (size, size)
    assert patch.mask[size // 2, size // 2] == 1.0
    assert not patch.mask[[0, -1]].any()
    engine.close()


def test_several_faces_and_people_go_through_in_one_batch(engine, narrow, emap, astronaut, face, person, monkeypatch):
    moved = replace(face, keypoints=KEYPOINTS * 1.2 + 30)
    one, two = person(1), person(2)
    batches = []
    run = TorchPictures.run_pictures
    monkeypatch.setattr(
        TorchPictures,
        "run_pictures",
        lambda self, pictures, *a: batches.append(len(pictures)) or run(self, pictures, *a),
    )
    patches = engine.swap(astronaut, [Target(face, one, look=PLAIN), Target(moved, two, look=PLAIN)])
    assert batches == [2]
    for patch, at, identity in zip(patches, (face, moved), (one, two), strict=True):
        expected = by_hand(narrow.network, astronaut, at, identity, emap, 64)
        assert np.abs(patch.image.astype(int) - expected).max() <= 1


def test_no_targets_give_no_patches(engine, astronaut):
    assert engine.swap(astronaut, []) == []


def test_what_depends_on_the_source_is_computed_once_and_forgotten_with_it(
    engine, astronaut, face, person, monkeypatch
):
    identity, computed = person(1, 2), []
    styles = StyleTransferModel.styles
    monkeypatch.setattr(StyleTransferModel, "styles", lambda self, latent: computed.append(1) or styles(self, latent))
    for _ in range(3):
        engine.swap(astronaut, [Target(face, identity), Target(face, identity)])
    assert len(computed) == 1
    assert len(engine._sources) == 1
    gone = weakref.ref(identity)
    del identity
    gc.collect()
    assert gone() is None
    assert len(engine._sources) == 0


def test_the_look_decides_on_light_mouth_and_eyes(engine, astronaut, face, person):
    identity = person(1)

    def patch(**look):
        return engine.swap(astronaut, [Target(face, identity, look=Look(**look))])[0]

    plain, lit = patch(colour=0.0), patch(colour=1.0)
    before = crop(astronaut, plain.matrix, 64).astype(float)
    inside = plain.mask > 0.5
    assert (
        np.abs(lit.image[inside].mean(0) - before[inside].mean(0)).max()
        < np.abs(plain.image[inside].mean(0) - before[inside].mean(0)).max()
    )
    spots = np.round(face.keypoints @ plain.matrix[:, :2].T + plain.matrix[:, 2]).astype(int)
    eye, mouth = spots[0], (spots[3] + spots[4]) // 2
    kept = patch(keep_mouth=True).mask
    assert kept[mouth[1], mouth[0]] < 0.1
    assert kept[eye[1], eye[0]] > 0.9
    kept = patch(keep_eyes=True).mask
    assert kept[eye[1], eye[0]] < 0.1
    assert kept[mouth[1], mouth[0]] > 0.9


@pytest.mark.parametrize("size", [0, 4, 127, 130])
def test_a_resolution_that_four_does_not_divide_is_one_line(narrow, emap, size):
    with pytest.raises(SettingsError, match=f"resolution {size} cannot be used"):
        open_reswapper(narrow.path, emap, size, "cpu")


def test_bad_weights_are_one_line(tmp_path, emap):
    (tmp_path / "w.pth").write_bytes(b"PK\3\4 truncated")
    with pytest.raises(ModelLoadError, match="damaged"):
        open_reswapper(tmp_path / "w.pth", emap, 64, "cpu")


def test_a_closed_engine_says_so(narrow, emap, astronaut, face, person):
    engine = open_reswapper(narrow.path, emap, 64, "cpu")
    engine.close()
    with pytest.raises(ModelLoadError, match="closed"):
        engine.swap(astronaut, [Target(face, person(1))])


def test_it_is_callable_as_the_published_model_is(narrow):
    model = TorchSwap(narrow.path, 64, TorchDevice("cpu"))
    target, latent = torch.rand(1, 3, 32, 32), torch.randn(1, 512)
    assert torch.equal(model(target, latent), narrow.network(target, latent))
    with pytest.raises(SettingsError, match="resolution 30"):
        model(torch.rand(1, 3, 30, 32), latent)


class OutOfMemory(RuntimeError):
    pass


def limited(monkeypatch, most):
    """Let a batch larger than `most` run out of memory; returns the sizes that were run."""
    ran = []
    run = TorchPictures.run_tensor

    def run_tensor(self, picture, beside):
        if len(picture) > most:
            raise OutOfMemory("CUDA out of memory. Tried to allocate 2.00 GiB")
        ran.append(len(picture))
        return run(self, picture, beside)

    monkeypatch.setattr(TorchPictures, "run_tensor", run_tensor)
    return ran


def test_without_memory_for_all_faces_fewer_go_at_once_and_the_order_is_kept(
    engine, astronaut, face, person, monkeypatch
):
    faces = [replace(face, keypoints=KEYPOINTS + 7 * shift) for shift in range(5)]
    identity = person(1)
    targets = [Target(at, identity, look=PLAIN) for at in faces]
    expected = [patch.image for patch in engine.swap(astronaut, targets)]
    ran = limited(monkeypatch, 2)
    for _ in range(2):
        answers = [patch.image for patch in engine.swap(astronaut, targets)]
        assert all(np.abs(a.astype(int) - b).max() <= 1 for a, b in zip(answers, expected, strict=True))
    assert ran == [2, 2, 1] * 2


HALF = TorchDevice("cpu", half=True)
"""A card made of the processor."""


def test_half_precision_that_passes_its_probe_is_kept(narrow):
    model = TorchSwap(narrow.path, 64, HALF)
    assert model.precision == "fp16"
    target, latent = torch.rand(1, 3, 32, 32), torch.randn(1, 512)
    assert (model(target, latent) - narrow.network(target, latent)).abs().max() < 0.02


@pytest.mark.parametrize("answer", [0.5, float("nan")])
def test_half_precision_that_fails_its_probe_is_replaced_by_full(narrow, monkeypatch, caplog, answer):
    swap = StyleTransferModel.swap
    monkeypatch.setattr(
        StyleTransferModel,
        "swap",
        lambda self, target, styles: (
            torch.full_like(target, answer) if target.dtype == torch.float16 else swap(self, target, styles)
        ),
    )
    model = TorchSwap(narrow.path, 64, HALF)
    assert (model.precision, model.provider) == ("fp32", "cpu")
    assert {parameter.dtype for parameter in model.network.parameters()} == {torch.float32}
    assert caplog.text.count("going on in fp32") == 1


def test_half_precision_that_goes_wrong_later_is_replaced_in_the_same_frame(
    narrow, emap, astronaut, face, person, monkeypatch
):
    engine = AlignedSwapper(TorchSwap(narrow.path, 64, HALF), emap)
    identity = person(1)
    swap = StyleTransferModel.swap
    monkeypatch.setattr(
        StyleTransferModel,
        "swap",
        lambda self, target, styles: (
            swap(self, target, styles) * (float("nan") if target.dtype == torch.float16 else 1)
        ),
    )
    (patch,) = engine.swap(astronaut, [Target(face, identity, look=PLAIN)])
    expected = by_hand(narrow.network, astronaut, face, identity, emap, 64)
    assert np.abs(patch.image.astype(int) - expected).max() <= 1
    assert engine.network.precision == "fp32"


@pytest.mark.parametrize("when", ["loaded", "run"])
def test_a_card_that_fails_is_left_for_the_processor(narrow, emap, astronaut, face, person, monkeypatch, when):
    """torch's `meta` device holds no numbers, so that every answer asked of it is an error, as from a lost card."""
    card = TorchDevice("meta", half=when == "loaded")
    engine = AlignedSwapper(TorchSwap(narrow.path, 64, card), emap)
    identity = person(1)
    (patch,) = engine.swap(astronaut, [Target(face, identity, look=PLAIN)])
    expected = by_hand(narrow.network, astronaut, face, identity, emap, 64)
    assert np.abs(patch.image.astype(int) - expected).max() <= 1
    assert engine.network.provider == "cpu"
    assert engine.network.why_not[0].name == "meta"


def test_any_network_of_the_right_shape_can_stand_behind_the_engine(emap, astronaut, face, person):
    class Mirror:
        size = 64

        def prepare(self, latent):
            return latent.shape

        def swap(self, crops, sources):
            assert sources == [(512,)]
            return np.ascontiguousarray(crops[:, :, ::-1])

        def close(self):
            self.closed = True

    network = Mirror()
    engine = AlignedSwapper(network, emap)
    identity: Identity = person(3)
    (patch,) = engine.swap(astronaut, [Target(face, identity, look=PLAIN)])
    assert np.array_equal(patch.image[:, ::-1], crop(astronaut, patch.matrix, 64))
    engine.close()
    assert network.closed


def test_engines_of_two_sizes_share_one_copy_of_the_weights(narrow, emap, astronaut, face, person, monkeypatch):
    loads, load = [], torch_pictures.load_network
    monkeypatch.setattr(torch_pictures, "load_network", lambda *given: loads.append(given) or load(*given))
    shared, identity = Shared(), person(1)
    engines = [open_reswapper(narrow.path, emap, size, "cpu", hold=shared.hold) for size in (32, 64)]
    assert len(loads) == 1
    for engine, size in zip(engines, (32, 64), strict=True):
        (patch,) = engine.swap(astronaut, [Target(face, identity, look=PLAIN)])
        expected = by_hand(narrow.network, astronaut, face, identity, emap, size)
        assert np.abs(patch.image.astype(int) - expected).max() <= 1
        engine.close()
    with pytest.raises(SettingsError, match="resolution 30"):
        open_reswapper(narrow.path, emap, 30, "cpu", hold=shared.hold)
