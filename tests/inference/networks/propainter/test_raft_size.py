import pytest
import torch

from liveswapping.inference.networks.propainter.raft_size import Fit, RaftScale, scales, table_scale


@pytest.mark.parametrize(
    ("height", "width", "scale"),
    [
        (1024, 1024, 1.0),
        (864, 1536, 0.5),
        (1080, 1920, 0.5),
        (1088, 1920, 0.25),
        (2160, 3840, 0.25),
        (2160, 4096, 0.125),
        (480, 720, 1.0),
    ],
)
def test_the_table_goes_by_pixels_and_a_size_at_the_border_belongs_below(height, width, scale):
    assert table_scale(height, width) == scale


def test_exact_has_one_scale_auto_begins_with_it_and_table_does_not():
    assert scales(RaftScale.EXACT, 2160, 3840) == (1.0,)
    assert scales(RaftScale.AUTO, 2160, 3840) == (1.0, 0.25, 0.125)
    assert scales(RaftScale.TABLE, 2160, 3840) == (0.25, 0.125)
    assert scales(RaftScale.AUTO, 720, 1280) == (1.0, 0.5, 0.25, 0.125)
    assert scales(RaftScale.AUTO, 240, 216) == (1.0, 0.5)
    assert scales(RaftScale.TABLE, 480, 720)[0] == 1.0


def test_the_least_scale_bounds_the_table_and_the_ladder():
    assert scales(RaftScale.AUTO, 2160, 4096, 0.5) == (1.0, 0.5)
    assert scales(RaftScale.TABLE, 2160, 4096, 0.25) == (0.25,)
    assert scales(RaftScale.TABLE, 2160, 4096, 1.0) == (1.0,)
    assert scales(RaftScale.AUTO, 1080, 1920, 0.3) == (1.0, 0.5)


@pytest.mark.parametrize(
    ("height", "width"), [(128, 128), (130, 135), (240, 432), (1080, 1920), (2160, 4096), (40, 4000)]
)
@pytest.mark.parametrize("choice", RaftScale)
def test_no_size_is_tried_twice_and_each_is_one_that_raft_takes(height, width, choice):
    fits = [Fit.of(height, width, scale) for scale in scales(choice, height, width)]
    assert fits
    assert len({fit.inner for fit in fits}) == len(fits)
    for fit in fits:
        assert all(side % 8 == 0 and side >= 128 for side in (*fit.inner, *fit.padded))
        assert all(inner <= padded for inner, padded in zip(fit.inner, fit.padded, strict=True))


def test_full_hd_at_a_half_is_rounded_to_a_multiple_of_eight():
    assert Fit.of(1080, 1920, 0.5).inner == (544, 960)


def test_flows_are_stretched_by_each_sides_own_ratio():
    fit = Fit.of(1080, 1920, 0.5)
    flow = fit.outward(torch.ones(1, 2, 544, 960))
    assert flow.shape == (1, 2, 1080, 1920)
    assert flow[0, 0].unique().tolist() == pytest.approx([1920 / 960])
    assert flow[0, 1].unique().tolist() == pytest.approx([1080 / 544])


def test_at_full_scale_nothing_is_touched_and_small_frames_repeat_their_edge():
    frame = torch.rand(1, 3, 136, 144)
    assert Fit.of(136, 144).inward(frame) is frame
    padded = Fit.of(100, 144).inward(frame[:, :, :100])
    assert padded.shape == (1, 3, 128, 144)
    assert torch.equal(padded[:, :, 127], frame[:, :, 99])
