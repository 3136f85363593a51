import numpy as np

from liveswapping.domain.face import Patch
from liveswapping.domain.look import Look
from liveswapping.pipeline.finish import finish


def _patch():
    rows, columns = np.mgrid[:120, :120].astype(np.float32)
    distance = np.hypot(rows - 60, columns - 60)
    mask = np.clip((50 - distance) / 10, 0, 1).astype(np.float32)
    image = np.random.default_rng(1).integers(60, 200, (120, 120, 3)).astype(np.uint8)
    return Patch(image, np.eye(2, 3, dtype=np.float32), mask)


def _width(mask):
    return int(((mask > 0.1) & (mask < 0.9)).sum())


def test_the_default_look_leaves_a_patch_as_the_engine_made_it():
    patch = _patch()
    done = finish(patch, Look())
    assert done.image is patch.image
    assert done.mask is patch.mask


def test_opacity_scales_the_mask():
    patch = _patch()
    np.testing.assert_allclose(finish(patch, Look(opacity=0.25)).mask, 0.25 * patch.mask)
    assert not finish(patch, Look(opacity=0)).mask.any()


def test_edge_makes_the_border_harder_and_softer():
    patch = _patch()
    widths = [_width(finish(patch, Look(edge=edge)).mask) for edge in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert widths == sorted(widths)
    assert widths[0] < 0.5 * widths[2] < widths[2] < 0.7 * widths[4]


def test_no_look_ever_reaches_what_the_mask_leaves_out():
    patch = _patch()
    for edge in (0.0, 0.2, 0.8, 1.0):
        mask = finish(patch, Look(edge=edge)).mask
        assert not mask[patch.mask == 0].any()
        assert mask.dtype == np.float32
        assert mask.min() >= 0
        assert mask.max() <= 1


def test_sharpness_lifts_detail_and_keeps_the_mean():
    patch = _patch()
    sharp = finish(patch, Look(sharpness=1.0)).image
    assert sharp.dtype == np.uint8
    assert sharp.std() > 1.2 * patch.image.std()
    assert abs(float(sharp.mean()) - float(patch.image.mean())) < 2
