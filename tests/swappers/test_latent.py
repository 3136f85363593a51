import numpy as np
import pytest

from liveswapping.domain.errors import FaceDetectionError, SettingsError
from liveswapping.domain.face import Identity, Portrait
from liveswapping.swappers.latent import Direction, direction_between, load_direction, load_emap, source_latent
from tests.swappers.conftest import embedding


def test_one_photograph_goes_through_the_identity_map_to_unit_length(person, emap):
    expected = embedding(1) @ emap
    assert np.allclose(source_latent(person(1), emap), expected / np.linalg.norm(expected), atol=1e-6)


def test_several_photographs_count_the_same(person, emap):
    latent = source_latent(person(1, 2, 3), emap)
    mean = (embedding(1) + embedding(2) + embedding(3)) / 3 @ emap
    assert np.allclose(latent, mean / np.linalg.norm(mean), atol=1e-6)
    assert np.array_equal(latent, source_latent(person(1, 2, 3), emap))


def test_a_photograph_without_embedding_is_one_line(astronaut, face, emap):
    with pytest.raises(FaceDetectionError, match="'her' has no face embedding"):
        source_latent(Identity("her", (Portrait(astronaut, face),)), emap)


def test_a_direction_is_added_by_steps_and_the_sum_keeps_its_length(person, emap, tmp_path):
    way = np.random.default_rng(9).standard_normal(512).astype(np.float32)
    np.save(tmp_path / "way.npy", 7 * way)
    direction = load_direction(tmp_path / "way.npy", 0.5)
    plain = source_latent(person(1), emap)
    changed = source_latent(person(1), emap, direction)
    assert np.allclose(changed - plain, 0.5 * way / np.linalg.norm(way), atol=1e-6)
    assert abs(np.linalg.norm(changed) - 1.0) > 1e-3


def test_no_steps_change_nothing(person, emap):
    direction = Direction(embedding(4), 0.0)
    assert np.array_equal(source_latent(person(1), emap, direction), source_latent(person(1), emap))


def test_a_direction_between_groups_leads_from_the_one_to_the_other():
    have, lack = [embedding(1), embedding(2)], [embedding(3)]
    direction = direction_between(have, lack, 1.0)
    assert np.linalg.norm(direction.values) == pytest.approx(1.0, abs=1e-5)
    assert direction.values @ (np.mean(have, axis=0) - lack[0]) > 0
    with pytest.raises(SettingsError):
        direction_between(have, have, 1.0)


@pytest.mark.parametrize(
    "content",
    [np.zeros(512), np.ones(511), np.full(512, np.nan), np.array(["a"] * 512), np.array([{}] * 512, object)],
    ids=["zeros", "short", "nan", "text", "objects"],
)
def test_a_file_that_is_no_direction_is_one_line(tmp_path, content):
    np.save(tmp_path / "bad.npy", content, allow_pickle=True)
    with pytest.raises(SettingsError) as refused:
        load_direction(tmp_path / "bad.npy", 1.0)
    assert "bad.npy" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_and_a_damaged_file_are_one_line(tmp_path):
    (tmp_path / "bad.npy").write_bytes(b"hello")
    for name in ("absent.npy", "bad.npy"):
        with pytest.raises(SettingsError, match="cannot be read"):
            load_emap(tmp_path / name)


def test_the_identity_map_is_square(tmp_path, emap):
    np.save(tmp_path / "emap.npy", emap)
    assert np.array_equal(load_emap(tmp_path / "emap.npy"), emap)
