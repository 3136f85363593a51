import pytest
import torch
from torch.nn import functional as F

from liveswapping.inference.networks.propainter import soft_split
from liveswapping.inference.networks.propainter.box import Box
from liveswapping.inference.networks.propainter.generator import (
    Flows,
    InpaintGenerator,
    shrunk_flows,
    shrunk_masks,
)
from liveswapping.inference.networks.propainter.transformer import needed
from liveswapping.inference.networks.propainter.windows import Windows, border
from tests.plain_generator import plain_window
from tests.propainter_golden import filled, golden, holes, pictures, propagated_frames

pytestmark = pytest.mark.usefixtures("one_thread")
LOCAL = 5


@pytest.fixture(scope="module")
def generator():
    return filled(InpaintGenerator, "gen")


@pytest.fixture(scope="module")
def still():
    return golden()["prop_masks"][None].float()


@pytest.fixture(scope="module")
def flows():
    ahead, back = golden()["flow_in"]
    return ahead[None], back[None]


def clip(height, width, frames, local, hole):
    """Noise, smooth flows that mostly agree, and a hole given by rows and columns (slices), or none."""
    random = torch.Generator().manual_seed(height * width + frames)
    noise = torch.rand(frames, 3, height, width, generator=random) * 2 - 1
    ahead = F.interpolate(torch.randn(local - 1, 2, 3, 3, generator=random) * 3, size=(height, width), mode="bicubic")
    masks = torch.zeros(frames, 1, height, width)
    if hole is not None:
        masks[:, :, hole[0], hole[1]] = 1
    return noise, (ahead, -ahead), masks, masks.roll(3, 3) * masks


def test_it_has_the_published_entries(generator):
    entries = generator.state_dict()
    assert len(entries) == 216
    assert sum(entry.numel() for entry in entries.values() if entry.is_floating_point()) == 39_429_667
    assert entries["transformers.transformer.7.attention.valid_ind_rolled"].dtype == torch.int64


def test_images_are_propagated_as_published(flows, still):
    masks = holes(7)
    frames, left = InpaintGenerator.img_propagation(pictures(7) * (1 - masks), flows, masks, "nearest")
    torch.testing.assert_close(frames * masks + pictures(7) * (1 - masks), propagated_frames(), rtol=0, atol=1e-6)
    assert torch.equal(left, still)


def test_features_are_as_published(generator, still):
    with torch.inference_mode():
        features = generator.encode(propagated_frames()[0, :1], holes(1)[0], still[0, :1])
    torch.testing.assert_close(features[0, ::4], golden()["encoded"], rtol=0, atol=1e-5)


def test_a_window_is_filled_as_published(generator, flows, still):
    local = tuple(flow[:, : LOCAL - 1] for flow in flows)
    with torch.inference_mode():
        filled_in = generator(propagated_frames(), local, holes(7), still, LOCAL)[0]
    torch.testing.assert_close(filled_in[..., 1::2, ::2], golden()["window"], rtol=0, atol=1e-4)
    hole = holes(LOCAL)[0].expand(-1, 3, -1, -1) > 0
    torch.testing.assert_close(filled_in[hole], golden()["window_hole"], rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("size", "frames", "local", "hole"),
    [
        ((72, 120), 5, 3, (slice(8, 24), slice(20, 40))),  # padded windows, some with a hole, some without
        ((64, 104), 4, 2, (slice(0, 64), slice(0, 104))),  # all hole
        ((72, 120), 3, 3, None),  # no hole, no references
        ((64, 64), 3, 1, (slice(50, 64), slice(50, 64))),  # one local frame
    ],
)
def test_rewrites_answer_what_the_plain_form_does(generator, size, frames, local, hole):
    noise, flows, masks, still = clip(*size, frames, local, hole)
    with torch.inference_mode():
        plain = plain_window(generator, noise, flows, masks, still, local)
        ours = generator(noise[None], tuple(flow[None] for flow in flows), masks[None], still[None], local)[0]
    assert ours.shape == (local, 3, *size)
    torch.testing.assert_close(ours, plain, rtol=0, atol=1e-4)


def test_kept_features_and_small_portions_change_nothing(generator):
    noise, flows, masks, still = clip(72, 120, 4, 3, (slice(8, 24), slice(20, 40)))
    with torch.inference_mode():
        whole = generator(noise[None], tuple(flow[None] for flow in flows), masks[None], still[None], 3)[0]
        generator.most = 1
        try:
            each = [
                generator.encode(*(part[None] for part in parts)) for parts in zip(noise, masks, still, strict=True)
            ]
            pair = Flows(*(shrunk_flows(flow) for flow in flows))
            references = generator.split(each[3])
            again = generator.fill(
                torch.cat(each[:3]), references, pair, shrunk_masks(masks[:3]), shrunk_masks(still[:3])
            )
        finally:
            generator.most = None
    torch.testing.assert_close(again, whole, rtol=0, atol=2e-5)


@pytest.mark.parametrize("box", [Box(20, 31, 33, 70), Box(0, 5, 90, 120), Box(60, 72, 0, 120)])
def test_a_part_of_a_window_is_that_part_of_the_whole(generator, box):
    random = torch.Generator().manual_seed(box.top)
    features = torch.randn(2, 128, 18, 30, generator=random)
    tokens = torch.randn(2, 6, 10, 512, generator=random)
    whole, part = (generator.decoded(features, tokens, of) for of in (Box.whole((72, 120)), box))
    torch.testing.assert_close(part, whole[:, :, box.top : box.bottom, box.left : box.right], rtol=0, atol=1e-5)


def test_pooling_and_splitting_as_on_a_card_are_the_convolutions(generator):
    random = torch.Generator().manual_seed(2)
    attention = generator.transformers.transformer[0].attention
    seen = torch.randn(2, 15, 18, 512, generator=random)  # sides that four does not divide
    with torch.inference_mode():
        torch.testing.assert_close(attention._pooled_by_sums(seen), attention._pooled(seen), rtol=0, atol=1e-5)
        features = torch.randn(2, 128, 20, 26, generator=random)
        by_patches = soft_split._split_by_patches(features, generator.ss.embedding)
        torch.testing.assert_close(by_patches.view(2, 7, 9, 512), generator.split(features), rtol=0, atol=1e-4)


def test_it_is_made_without_memory_for_its_own_weights_alone():
    with torch.device("meta"):
        assert InpaintGenerator.shaped_like({"ss.embedding.weight": torch.empty(0)}).encoder.layers[0].weight.is_meta
    with pytest.raises(KeyError):
        InpaintGenerator.shaped_like({"fnet.conv1.weight": torch.empty(0)})


def test_what_is_computed_for_a_part_of_a_window_is_that_part_of_the_whole(generator):
    hole = torch.zeros(2, 1, 60, 80)
    hole[:, :, 25:35, 45:65] = 1
    random = torch.Generator().manual_seed(1)
    features = torch.randn(3, 128, 60, 80, generator=random)
    flows = Flows(*torch.randn(2, 1, 2, 60, 80, generator=random))
    with torch.inference_mode():
        given = features[:2], generator.split(features[2:]), flows, hole, hole
        whole = generator.fill(*given)
        for box in (Box(100, 140, 180, 260), Box(200, 240, 0, 40)):
            part = whole[:, :, box.top : box.bottom, box.left : box.right]
            torch.testing.assert_close(generator.fill(*given, box), part, rtol=0, atol=2e-5)


def test_only_the_last_two_blocks_leave_tokens_out():
    hole = torch.zeros(4, 1, 120, 180)
    hole[:, :, 50:70, 80:100] = 1
    windows = Windows.over(hole)
    steps = needed(9, 4, windows, Box(16, 24, 26, 34), torch.device("cpu"))
    everything, frames = Box(0, 40, 0, 60), range(9)
    for (whole,) in steps[:6]:
        assert (list(frames[whole.frames]), whole.asked, whole.wanted) == (list(frames), everything, everything)
        assert len(whole.windows.free) == len(windows.free)
    (seen, unseen), (last,) = steps[6:]
    assert (list(frames[seen.frames]), seen.wanted) == ([1, 3, 5, 7], everything)
    assert list(frames[last.frames]) == [0, 1, 2, 3]
    assert last.asked == Box(14, 26, 24, 36)  # two tokens to each side, whose patches overlap
    assert last.touched == unseen.wanted == Box(10, 30, 18, 36)
    assert sorted([*last.windows.masked.tolist(), *last.windows.free.tolist()]) == [16, 17, 23, 24, 30, 31, 37, 38]
    assert list(frames[unseen.frames]) == [0, 2]


def test_a_window_looks_at_193_tokens_of_a_box_around_it():
    hole = torch.zeros(2, 1, 60, 108)
    hole[1, 0, 31, 60] = 1  # in one frame only
    windows = Windows.over(hole)
    assert windows.grid == (20, 36)
    assert windows.masked.tolist() == [10]  # rows 10 to 14, columns 18 to 26
    assert len(windows.free) == 15
    seen = windows.used[windows.place[0]]
    rows, columns = seen // 36, seen % 36
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (7, 17, 13, 31)
    assert len(seen.unique()) == 193
    assert set(windows.own[10].tolist()) <= set(seen.tolist())
    assert border().shape == (148,)


def test_windows_at_the_edge_look_around_the_map():
    hole = torch.zeros(1, 1, 60, 108)
    hole[0, 0, 0, 0] = 1
    rows = Windows.over(hole).used // 36
    assert {17, 18, 19} <= set(rows.tolist())
