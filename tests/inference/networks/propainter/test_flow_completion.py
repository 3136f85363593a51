import weakref

import pytest
import torch

from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion
from tests.plain_flow_completion import plain_both, plain_completion
from tests.propainter_golden import completed_flows, filled, golden, holes


@pytest.fixture(scope="module")
def network():
    with torch.inference_mode():
        yield filled(FlowCompletion, "flow")


@pytest.fixture(scope="module")
def large():
    """The same with answers of several pixels, which the named weights keep small."""
    with torch.inference_mode():
        network = filled(FlowCompletion, "flow")
        network.upsample[2].conv.weight *= 10
        yield network


def noise(frames, height=32, width=40, count=1):
    random = torch.Generator().manual_seed(frames)
    flows = torch.randn(2, count, frames - 1, 2, height, width, generator=random) * 3
    masks = (torch.rand(count, frames, 1, height, width, generator=random) > 0.7).float()
    return (flows[0], flows[1]), masks


def furthest(answer, wanted):
    return max(float((one - other).abs().max()) for one, other in zip(answer, wanted, strict=True))


@pytest.mark.parametrize("lean", [False, True])
def test_completed_flows_are_those_of_the_published_network(network, lean):
    flows, masks = golden()["flow_in"][:, None].unbind(), holes(7)
    found = network.forward_bidirect(flows, masks, lean)
    combined = network.combine(flows, found, masks)
    assert furthest(combined, completed_flows()) < 1e-6
    assert furthest(found, combined) > 0.1  # it answers for the whole frame, and only the holes are taken


def test_it_has_every_entry_of_the_published_file(network):
    assert len(network.state_dict()) == 74
    assert sum(parameter.numel() for parameter in network.parameters()) == 5_079_555


@pytest.mark.parametrize("lean", [False, True])
@pytest.mark.parametrize("frames", [2, 3, 4, 8])
def test_frames_that_stream_through_are_completed_as_a_whole_clip_is(large, frames, lean):
    flows, masks = noise(frames, count=2)
    combined = large.combine(flows, large.forward_bidirect(flows, masks, lean), masks)
    wanted = plain_both(large, flows, masks)
    assert furthest(combined, wanted) < 1e-5
    assert furthest(wanted, (torch.zeros(1), torch.zeros(1))) > 1


def test_what_is_in_the_holes_is_not_seen(large):
    flows, masks = noise(4)
    other = tuple(flow + mask * 100 for flow, mask in zip(flows, (masks[:, :-1], masks[:, 1:]), strict=True))
    answers = large.forward_bidirect(flows, masks), large.forward_bidirect(other, masks)
    assert furthest(*answers) == 0
    hidden = flows[0] * (1 - masks[:, :-1])
    assert furthest(large(flows[0], masks[:, :-1]), plain_completion(large, hidden, masks[:, :-1])) < 1e-5


def test_a_lean_pass_holds_no_features_at_a_quarter_of_the_size(large, monkeypatch):
    held = []

    def watched(seen):
        for frame in FlowCompletion._quarters(large, seen):
            alive = [one for one in held if one() is not None]
            held[:] = [*alive, weakref.ref(frame)]
            most.append(len(held))
            yield frame

    monkeypatch.setattr(large, "_quarters", watched)
    flows, masks = noise(16)
    for lean, check in ((True, lambda number: number <= 4), (False, lambda number: number >= 15)):
        most: list[int] = []
        held.clear()
        large.forward_bidirect(flows, masks, lean)
        assert check(max(most))


def test_half_precision_around_it_changes_nothing(large):
    flows, masks = noise(3)
    with torch.autocast("cpu", torch.bfloat16):
        inside = large.forward_bidirect(flows, masks)
    assert furthest(inside, large.forward_bidirect(flows, masks)) == 0
    large.halve()
    assert {parameter.dtype for parameter in large.parameters()} == {torch.float32}
