import pytest
import torch
from torch.nn import functional as F

from liveswapping.inference.networks.propainter import deform
from liveswapping.inference.networks.propainter.deform import DeformableAlignment, deformable_conv


def referee(features, offset, mask, weight, bias, stride=1, padding=1, dilation=1):
    """The definition, in float64: each corner of a sample that lies outside counts as zero."""
    features, offset, mask, weight = (value.double() for value in (features, offset, mask, weight))
    count, channels, height, width = features.shape
    rows, columns = offset.shape[-2:]
    groups = mask.shape[1] // 9
    each = channels // groups
    y0, x0 = torch.meshgrid(torch.arange(rows) * stride, torch.arange(columns) * stride, indexing="ij")
    result = bias.double()[:, None, None].expand(count, -1, rows, columns).clone()
    for group in range(groups):
        inside = features[:, group * each : (group + 1) * each]
        for tap in range(9):
            channel = group * 9 + tap
            y = y0 - padding + tap // 3 * dilation + offset[:, 2 * channel]
            x = x0 - padding + tap % 3 * dilation + offset[:, 2 * channel + 1]
            sample = torch.zeros(count, each, rows, columns, dtype=torch.float64)
            for down in (0, 1):
                for right in (0, 1):
                    row, column = y.floor().long() + down, x.floor().long() + right
                    share = (1 - (y - row).abs()) * (1 - (x - column).abs())
                    share = share * ((row >= 0) & (row < height) & (column >= 0) & (column < width))
                    place = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
                    index = place.flatten(1)[:, None].expand(-1, each, -1)
                    sample += inside.flatten(2).gather(2, index).view_as(sample) * share[:, None]
            kernel = weight[:, group * each : (group + 1) * each, tap // 3, tap % 3]
            result += torch.einsum("oc,nchw->nohw", kernel, sample * mask[:, channel, None])
    return result


def parts(stride=1, dilation=1, groups=4, reach=6.0):
    random = torch.Generator().manual_seed(stride * 10 + dilation)
    rows, columns = -(-11 // stride), -(-13 // stride)
    features = torch.randn(2, 8, 11, 13, generator=random)
    offset = torch.randn(2, 2 * groups * 9, rows, columns, generator=random) * reach
    mask = torch.rand(2, groups * 9, rows, columns, generator=random)
    return features, offset, mask, torch.randn(5, 8, 3, 3, generator=random), torch.randn(5, generator=random)


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("held", [1, 1 << 30])
def test_it_is_the_convolution_of_the_definition(stride, dilation, held, monkeypatch):
    monkeypatch.setitem(deform._SAMPLED, "cpu", held)
    given = parts(stride, dilation)
    answer = deformable_conv(*given, stride, dilation, dilation)
    torch.testing.assert_close(answer.double(), referee(*given, stride, dilation, dilation), atol=2e-5, rtol=0)


def test_whole_offsets_and_places_far_outside_are_right():
    features, offset, mask, weight, bias = parts(reach=20.0)
    given = features, offset.round(), mask, weight, bias
    torch.testing.assert_close(deformable_conv(*given).double(), referee(*given), atol=2e-5, rtol=0)


def test_without_offsets_it_is_an_ordinary_convolution():
    features, offset, mask, weight, bias = parts()
    answer = deformable_conv(features, torch.zeros_like(offset), torch.ones_like(mask), weight, bias)
    torch.testing.assert_close(answer, F.conv2d(features, weight, bias, padding=1), atol=2e-5, rtol=0)


def test_an_alignment_starts_from_the_flow_and_goes_no_further_than_its_reach():
    torch.manual_seed(0)
    align = DeformableAlignment(32, 8, 4, 3.0).requires_grad_(False)
    features, flow = torch.randn(1, 32, 10, 12), torch.tensor([2.0, 1.0])[:, None, None].expand(1, 2, 10, 12)
    align.conv_offset[6].weight.zero_()
    align.conv_offset[6].bias.zero_()  # no offset, and a mask of a half
    moved = F.pad(features, (0, 2, 0, 1))[:, :, 1:, 2:]
    wanted = F.conv2d(moved, align.weight / 2, align.bias, padding=1)
    answer = align(features, torch.randn(1, 4, 10, 12), flow)
    assert torch.allclose(answer[..., 1:-2, 1:-3], wanted[..., 1:-2, 1:-3], atol=1e-4)
    align.conv_offset[6].bias[: 2 * 144] = 99.0
    far = align(features, torch.randn(1, 4, 10, 12), flow)
    further = align(features, torch.randn(1, 4, 10, 12), flow.flip(1) * 0 + torch.tensor([5.0, 4.0])[:, None, None])
    align.conv_offset[6].bias[: 2 * 144] = 0.0
    assert torch.allclose(far, align(features, torch.randn(1, 4, 10, 12), flow + 3.0), atol=1e-4)
    assert not torch.allclose(far, further, atol=1e-2)


def test_half_precision_features_are_sampled_at_float32_positions():
    torch.manual_seed(0)
    align = DeformableAlignment(32, 8, 4, 3.0).requires_grad_(False)
    features, condition, flow = torch.randn(1, 32, 9, 600), torch.randn(1, 4, 9, 600), torch.rand(1, 2, 9, 600) * 40
    with torch.autocast("cpu", torch.bfloat16):
        quick = align(features.bfloat16(), condition.bfloat16(), flow)
    exact = align(features, condition, flow)
    assert (quick - exact).abs().mean() < 0.02 * exact.abs().mean() + 0.02
