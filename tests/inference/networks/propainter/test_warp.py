import pytest
import torch

from liveswapping.inference.networks.propainter.warp import agreement, flow_warp


def referee(features, flow, mode):
    """By hand, in float64, each value outside counted as zero."""
    features, flow = features.double(), flow.double()
    height, width = features.shape[-2:]
    result = torch.zeros_like(features)
    for row in range(height):
        for column in range(width):
            x, y = float(column + flow[0, 0, row, column]), float(row + flow[0, 1, row, column])
            for j in (int(y // 1), int(y // 1) + 1):
                for i in (int(x // 1), int(x // 1) + 1):
                    share = (1 - abs(x - i)) * (1 - abs(y - j))
                    if mode == "nearest":
                        share = float(abs(x - i) < 0.5 and abs(y - j) < 0.5)
                    if 0 <= i < width and 0 <= j < height:
                        result[..., row, column] += share * features[..., j, i]
    return result


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_pixels_come_from_where_the_flow_points(mode):
    random = torch.Generator().manual_seed(3)
    features = torch.randn(1, 3, 7, 9, generator=random)
    flow = torch.randn(1, 2, 7, 9, generator=random) * 4
    torch.testing.assert_close(
        flow_warp(features, flow, mode).double(), referee(features, flow, mode), atol=1e-5, rtol=0
    )


def test_the_first_channel_moves_right_and_the_second_down():
    features = torch.arange(12.0).view(1, 1, 3, 4)
    right = torch.tensor([1.0, 0.0])[:, None, None].expand(1, 2, 3, 4)
    assert torch.allclose(flow_warp(features, right)[..., :3], features[..., 1:], atol=1e-5)
    assert torch.allclose(flow_warp(features, right.flip(1))[:, :, :2], features[:, :, 1:], atol=1e-5)
    assert float(flow_warp(features, right)[..., 3].abs().max()) < 1e-5


def test_half_precision_pictures_keep_float32_positions():
    wide = torch.arange(1920.0).view(1, 1, 1, 1920).expand(1, 1, 2, 1920) / 1920
    flow = torch.full((1, 2, 2, 1920), 0.25)
    flow[:, 1] = 0
    moved = flow_warp(wide.half(), flow.half()).float()
    assert moved.dtype == torch.float32
    assert float((moved[..., :-1] - flow_warp(wide, flow)[..., :-1]).abs().max()) < 1e-3


def test_flows_agree_where_they_lead_back_and_not_where_they_part():
    flow = torch.zeros(1, 2, 6, 8)
    flow[:, 0] = 2.0
    back = -flow
    assert bool((agreement(flow, back)[..., :6] == 1).all())
    back[:, 0, :, 4] = 5.0
    assert bool((agreement(flow, back)[..., 2] == 0).all())
    assert agreement(flow, back).shape == (1, 1, 6, 8)


def test_the_threshold_grows_with_the_motion():
    def agrees(length, error):
        flow = torch.zeros(1, 2, 3, 60)
        flow[:, 0] = length
        return bool(agreement(flow, -flow + torch.tensor([error, 0.0])[:, None, None])[0, 0, 1, 1] == 1)

    assert agrees(0.0, 0.7)
    assert not agrees(0.0, 0.72)
    assert agrees(20.0, 2.5)
    assert not agrees(20.0, 3.2)
