import numpy as np
import pytest
import torch
from torch.nn import functional as F

from liveswapping.inference.cuda.winograd import SIDE, TILE, pixel_matrix, tile_matrix, transformed, weight_matrix


def test_products_at_the_points_are_a_convolution_of_a_line():
    random = np.random.default_rng(0)
    pixels, kernel = random.standard_normal(SIDE), random.standard_normal(3)
    answer = pixel_matrix() @ ((tile_matrix() @ pixels) * (weight_matrix() @ kernel))
    assert answer == pytest.approx([pixels[i : i + 3] @ kernel for i in range(TILE)], abs=1e-12)


def test_matrix_products_of_tiles_and_transformed_weights_are_a_convolution():
    random = torch.Generator().manual_seed(0)
    picture, weight = torch.randn(1, 5, SIDE, SIDE, generator=random), torch.randn(7, 5, 3, 3, generator=random)
    to_points, to_pixels = (torch.tensor(matrix, dtype=torch.float32) for matrix in (tile_matrix(), pixel_matrix()))
    tiles = torch.einsum("pi,cij,qj->pqc", to_points, picture[0], to_points).reshape(SIDE * SIDE, 1, 5)
    products = torch.bmm(tiles, transformed(weight)).view(SIDE, SIDE, 7)
    answer = torch.einsum("ip,pqc,jq->cij", to_pixels, products, to_pixels)
    assert torch.allclose(answer, F.conv2d(picture, weight)[0], atol=1e-5)


def test_tiles_are_about_as_large_as_the_pixels_they_are_of():
    assert np.linalg.norm(tile_matrix(), axis=1) == pytest.approx(1.0, abs=0.05)
