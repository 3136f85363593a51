import pytest
import torch

from liveswapping.inference.networks.propainter import correlation
from liveswapping.inference.networks.propainter.correlation import Correlation, volume_bytes
from liveswapping.inference.networks.propainter.raft import Raft
from tests.plain_raft import looked_up, plain_flows
from tests.propainter_golden import filled, golden, pictures


@pytest.fixture(scope="module")
def network():
    with torch.inference_mode():
        yield filled(Raft, "raft")


def furthest(answer, wanted):
    return float((answer - wanted).abs().max())


def test_flows_are_those_of_the_published_network(network):
    forward, backward = network(pictures(3), 8)
    assert forward.shape == backward.shape == (1, 2, 2, 128, 144)
    assert furthest(forward[0], golden()["raft_8"]) < 1e-4
    assert furthest(network(pictures(2), 1)[0][0, ..., ::2, ::2], golden()["raft_1"][:1]) < 1e-4


def test_it_has_every_entry_of_the_published_file(network):
    entries = network.state_dict()
    assert len(entries) == 179
    assert sum(parameter.numel() for parameter in network.parameters()) == 5_257_536
    assert entries["cnet.layer2.0.norm3.weight"] is not entries["fnet.conv1.weight"]
    assert torch.equal(entries["cnet.layer2.0.norm3.weight"], entries["cnet.layer2.0.downsample.1.weight"])


def test_the_rewritten_form_is_the_plain_one_in_both_directions(network):
    frames = pictures(3)
    for answer, wanted in zip(network(frames, 3), plain_flows(network, frames, 3), strict=True):
        assert furthest(answer, wanted) < 5e-5


def test_frames_are_encoded_once_and_the_flow_is_enlarged_once_for_each_direction(network, monkeypatch):
    encoded, enlarged = [], []
    encode, enlarge = network.encode, network.update_block.enlarged
    monkeypatch.setattr(network, "encode", lambda frame: encoded.append(frame) or encode(frame))
    monkeypatch.setattr(network.update_block, "enlarged", lambda *given: enlarged.append(given) or enlarge(*given))
    network(pictures(4), 2)
    assert len(encoded) == 4
    assert len(enlarged) == 6


def test_encoding_a_frame_by_itself_changes_no_bit(network):
    frames = pictures(2)[0]
    together, alone = network.encode(frames), network.encode(frames[1:])
    for part in ("features", "hidden", "context"):
        assert torch.equal(getattr(together, part)[1:], getattr(alone, part))


@pytest.mark.parametrize("pairs", [2, 3, 9])
def test_how_many_pairs_are_matched_at_once_is_not_seen(network, pairs):
    frames = pictures(4)
    for answer, wanted in zip(network(frames, 2, pairs=pairs), network(frames, 2), strict=True):
        assert furthest(answer, wanted) < 2e-5


@pytest.mark.parametrize("budget", [0, 30_000])
def test_flows_are_the_same_without_the_volume(network, budget):
    frames = pictures(2)
    assert budget < volume_bytes(128, 144)
    for answer, wanted in zip(network(frames, 3, volume_bytes=budget), network(frames, 3), strict=True):
        assert furthest(answer, wanted) < 5e-5


def test_volumes_of_more_pixels_than_cudnn_samples_at_once_are_looked_up_in_portions(monkeypatch):
    random = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 2, 16, 16, 18, generator=random)
    places = 20 * torch.rand(2, 2, 16, 18, generator=random)
    whole = Correlation(first, second)(places)
    sampled = []
    really = correlation.F.grid_sample

    def sample(maps, *given, **named):
        sampled.append(len(maps))
        return really(maps, *given, **named)

    monkeypatch.setattr(correlation, "_MAPS", 250)
    monkeypatch.setattr(correlation.F, "grid_sample", sample)
    assert torch.equal(Correlation(first, second)(places), whole)
    assert sampled == 4 * [250, 250, 76]


def test_an_iterator_of_frames_is_read_one_pair_ahead(network):
    read = []
    frames = (read.append(index) or frame for index, frame in enumerate(pictures(4).unbind(1)))
    found = network.flows(frames, 1)
    next(found)
    assert read == [0, 1]
    assert len(list(found)) == 2


def test_one_frame_has_no_flow(network):
    assert list(network.flows(pictures(1).unbind(1))) == []


def test_batches_of_clips_are_matched_clip_by_clip(network):
    both = torch.cat((pictures(3)[:, :2], pictures(3)[:, 1:]))
    forward, _ = network(both, 2, pairs=2)
    assert furthest(forward[1, 0], network(pictures(3), 2)[0][0, 1]) < 2e-5


def test_half_precision_around_it_changes_nothing(network):
    with torch.autocast("cpu", torch.bfloat16):
        forward, _ = network(pictures(2), 2)
    assert forward.dtype == torch.float32
    assert torch.equal(forward, network(pictures(2), 2)[0])
    network.halve()
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


@pytest.mark.parametrize("held", [None, 1000, 0])
def test_the_correlation_far_outside_and_between_pixels_is_the_volumes(held, monkeypatch):
    monkeypatch.setitem(correlation._GATHERED, "cpu", 1 << 20)
    random = torch.Generator().manual_seed(5)
    first, second = torch.randn(2, 16, 18, 20, generator=random), torch.randn(2, 16, 18, 20, generator=random)
    places = torch.randn(2, 2, 18, 20, generator=random) * 30
    places[:, :, :4] = places[:, :, :4].round()
    places[:, :, 0, 0] = 1e6
    volume = torch.matmul(first.flatten(2).transpose(1, 2), second.flatten(2)) / 4
    pyramid = [volume.view(-1, 1, 18, 20)]
    for _ in range(3):
        pyramid.append(torch.nn.functional.avg_pool2d(pyramid[-1], 2))
    assert furthest(Correlation(first, second, held)(places), looked_up(pyramid, places)) < 2e-4


def test_the_volumes_size_is_known_beforehand():
    assert volume_bytes(864, 1536) == pytest.approx(2.13 * 2**30, rel=0.01)
    assert volume_bytes(864, 1536, 3) == 3 * volume_bytes(864, 1536)


def shifted(height, width, right, down, frames=2):
    """Noise of 8 × 8 pixels that moves by whole pixels."""
    random = torch.Generator().manual_seed(1)
    coarse = torch.rand(1, 3, height // 8 + 8, width // 8 + 8, generator=random)
    scene = torch.nn.functional.interpolate(coarse, scale_factor=8, mode="bicubic") * 2 - 1
    return torch.stack([scene[0, :, 32 - t * down :, 32 - t * right :][:, :height, :width] for t in range(frames)])[
        None
    ]


@pytest.mark.parametrize(("height", "width"), [(64, 64), (120, 216), (129, 131), (8, 300)])
def test_sides_that_the_network_cannot_take_are_padded(network, height, width):
    forward, backward = network(shifted(height, width, 3, 2), 2)
    assert forward.shape == backward.shape == (1, 1, 2, height, width)
    assert bool(forward.isfinite().all())
    assert bool(backward.isfinite().all())


def test_a_smaller_scale_matches_smaller_frames_and_gives_flows_of_the_frames_own_size(network, monkeypatch):
    sizes, encode = [], network.encode
    monkeypatch.setattr(network, "encode", lambda frame: sizes.append(frame.shape[2:]) or encode(frame))
    monkeypatch.setattr(
        network, "match", lambda first, *_: torch.ones(1, 2, *[8 * side for side in first.features.shape[2:]])
    )
    forward, _ = network(shifted(270, 400, 3, 2), 2, scale=0.5)
    assert set(sizes) == {(136, 200)}
    assert forward.shape == (1, 1, 2, 270, 400)
    assert torch.allclose(forward[0, 0, 0], torch.tensor(2.0))
    assert torch.allclose(forward[0, 0, 1], torch.tensor(272 / 136))
