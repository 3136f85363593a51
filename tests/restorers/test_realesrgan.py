import numpy as np
import pytest
import torch

from liveswapping.domain.errors import GPUMemoryError, ModelLoadError, SettingsError
from liveswapping.inference.networks.rrdb import RRDBNet
from liveswapping.restorers.realesrgan import RealEsrgan, _spans, open_realesrgan
from tests.named_weights import filled


class Repeating:
    """Enlarges by repeating pixels; runs out of memory above `most` pixels, where it may."""

    provider, precision, why_not = "cpu", "fp32", ()

    def __init__(self, scale=2, most=None):
        self.scale, self.most, self.seen, self.moved = scale, most, [], False

    def run(self, picture, may_split):
        if self.most is not None and picture.shape[0] * picture.shape[1] > self.most:
            if may_split:
                raise GPUMemoryError("too large")
            self.moved = True
        self.seen.append(picture.shape[:2])
        return picture.repeat(self.scale, axis=0).repeat(self.scale, axis=1)

    def close(self):
        pass


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Small networks of both scales, saved as the published ones are."""
    folder = tmp_path_factory.mktemp("weights")
    networks = {scale: filled(RRDBNet, "rrdb", scale, 1, 16, 8) for scale in (2, 4)}
    for scale, network in networks.items():
        torch.save({"params_ema": network.state_dict()}, folder / f"x{scale}.pth")
    return folder, networks


@pytest.mark.parametrize("tile", [0, 64, 100, 400])
def test_tiles_fit_together_without_a_seam(astronaut, tile):
    image = astronaut[:333, :471]
    network = Repeating()
    assert np.array_equal(RealEsrgan(network, tile=tile).upscale(image), image.repeat(2, axis=0).repeat(2, axis=1))
    assert max(max(shape) for shape in network.seen) <= (tile + 20 if tile else 471)


@pytest.mark.parametrize(("height", "width"), [(512, 512), (333, 471), (1080, 1920), (65, 401)])
def test_all_tiles_are_seen_through_windows_of_one_size_that_begin_at_even_pixels(height, width):
    network = Repeating()
    picture = np.add.outer(2 * np.arange(height), 1000 * np.arange(width)).astype(np.uint8)[..., None].repeat(3, 2)
    RealEsrgan(network, tile=100).upscale(picture)
    assert len({(rows + rows % 2, columns + columns % 2) for rows, columns in network.seen}) == 1
    assert all(span.first % 2 == 0 for side in (height, width) for span in _spans(side, 100))


@pytest.mark.parametrize("scale", [2, 4])
def test_it_is_the_published_network_on_rgb_from_0_to_1(weights, astronaut, scale):
    folder, networks = weights
    image = np.ascontiguousarray(astronaut[100:164, 200:248])
    enlarger = open_realesrgan(folder / f"x{scale}.pth", "cpu")
    given = torch.from_numpy(image[:, :, ::-1].transpose(2, 0, 1)[None] / np.float32(255))
    expected = networks[scale](given)[0].numpy().transpose(1, 2, 0)[:, :, ::-1] * 255
    assert np.abs(enlarger.upscale(image) - expected.clip(0, 255)).max() < 1
    enlarger.close()
    with pytest.raises(ModelLoadError, match="closed"):
        enlarger.upscale(image)


def test_odd_sizes_are_enlarged_too(weights, astronaut):
    folder, _ = weights
    enlarger = open_realesrgan(folder / "x2.pth", "cpu")
    assert enlarger.upscale(astronaut[:33, :47]).shape == (66, 94, 3)
    enlarger.close()


@pytest.mark.parametrize(("scale", "shape"), [(None, (128, 96)), (1.5, (96, 72)), (3, (192, 144))])
def test_another_scale_than_the_networks_is_reached_by_resizing(astronaut, scale, shape):
    assert RealEsrgan(Repeating(), scale).upscale(astronaut[:64, :48]).shape[:2] == shape


def test_without_memory_tiles_get_smaller_before_the_card_is_left(astronaut, caplog):
    network = Repeating(most=130 * 130)
    enlarger = RealEsrgan(network, tile=400)
    for _ in range(2):
        assert enlarger.upscale(astronaut).shape == (1024, 1024, 3)
    assert not network.moved
    assert caplog.text.count("now 200") == caplog.text.count("now 100") == 1


def test_the_smallest_tiles_that_do_not_fit_either_move_to_the_processor(astronaut):
    network = Repeating(most=10)
    assert RealEsrgan(network, tile=0).upscale(astronaut[:200, :200]).shape == (400, 400, 3)
    assert network.moved


def test_a_tile_that_is_too_small_is_one_line(weights):
    folder, _ = weights
    with pytest.raises(SettingsError, match="tile 8 is too small"):
        open_realesrgan(folder / "x2.pth", "cpu", tile=8)
