import gc

import numpy as np

from liveswapping.domain.pool import ImagePool


def _address(image):
    return image.__array_interface__["data"][0]


def test_memory_comes_back_when_its_last_holder_lets_go():
    pool = ImagePool()
    image = pool.empty((4, 6, 3))
    address = _address(image)
    del image
    assert _address(pool.empty((4, 6, 3))) == address


def test_memory_is_not_written_while_a_slice_of_a_slice_lives():
    pool = ImagePool()
    image = pool.copy(np.full((4, 6, 3), 7, np.uint8))
    corner = image[2:][1:, 3:]
    del image
    gc.collect()
    other = pool.empty((4, 6, 3))
    other[:] = 0
    assert (corner == 7).all()


def test_a_picture_of_another_size_is_fresh_and_old_sizes_are_forgotten():
    pool = ImagePool(keep=2)
    for size in range(1, 50):
        assert pool.empty((size, size, 3)).shape == (size, size, 3)
    assert len(pool._free) <= 2


def test_a_picture_outlives_its_pool():
    image = ImagePool().copy(np.full((2, 2, 3), 9, np.uint8))
    gc.collect()
    assert (image == 9).all()
    assert image.flags.c_contiguous
    assert image.flags.writeable
