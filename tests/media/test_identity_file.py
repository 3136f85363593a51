import pickle

import numpy as np
import pytest

from liveswapping.domain.errors import SinkError, SourceError
from liveswapping.domain.face import Face, Identity, Portrait
from liveswapping.domain.frame import Mask, Region
from liveswapping.media.identity_file import read_identity, write_identity

RANDOM = np.random.default_rng(3)
EMBEDDING = np.eye(512, dtype=np.float32)[9]


@pytest.fixture
def anna():
    image = RANDOM.integers(0, 255, (400, 600, 3), np.uint8)
    mesh = RANDOM.uniform(200, 280, (478, 3)).astype(np.float32)
    points = RANDOM.uniform(210, 270, (5, 2)).astype(np.float32)
    face = Face(np.float32([200, 190, 280, 290]), points, 0.75, mesh, EMBEDDING)
    visible = Mask(Region(210, 195, 30, 40), RANDOM.uniform(0, 1, (40, 30)).astype(np.float32))
    bare = Face(np.float32([2, 3, 40, 50]), points - 200, 0.5)
    return Identity("Anna", (Portrait(image, face, visible), Portrait(image, bare)))


def test_a_person_comes_back_as_kept_with_the_photographs_cut_to_the_face(anna, tmp_path):
    write_identity(tmp_path / "anna.identity", anna)
    back = read_identity(tmp_path / "anna.identity")
    assert back.name == "Anna"
    first, second = back.portraits
    assert first.image.shape[:2] == (251, 231)
    assert (first.image == anna.portraits[0].image[115:366, 125:356]).all()
    shift = np.float32([125, 115, 0])
    assert np.allclose(first.face.mesh + shift, anna.portraits[0].face.mesh, atol=1e-4)
    assert np.allclose(first.face.keypoints + shift[:2], anna.portraits[0].face.keypoints, atol=1e-4)
    assert np.allclose(first.face.box, [75, 75, 155, 175])
    assert first.face.score == 0.75
    assert (first.face.embedding == EMBEDDING).all()
    assert first.visible.region == Region(85, 80, 30, 40)
    assert (first.visible.values == anna.portraits[0].visible.values).all()
    assert second.image.shape[:2] == (86, 76)
    assert (second.face.mesh, second.face.embedding, second.visible) == (None, None, None)


def _arrays(path):
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("0.mesh", np.zeros((468, 3), np.float32), "0.mesh is not 478×3"),
        ("0.box", np.full(4, np.nan, np.float32), "0.box is not 4 finite numbers"),
        ("0.image", np.frombuffer(b"no picture at all", np.uint8), "cannot be decoded"),
        ("header", np.frombuffer(b'{"format": "of somebody else"}', np.uint8), "its format is 'of somebody else'"),
        ("0.visible", np.zeros((1, 1), np.float32), "0.visible is not 40×30"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(anna, tmp_path, name, value, says):
    path = tmp_path / "anna.identity"
    write_identity(path, anna)
    changed = {**_arrays(path), name: value}
    with path.open("wb") as file:
        np.savez(file, **changed)
    with pytest.raises(SourceError, match=says):
        read_identity(path)


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("code in a file was run",))


def test_code_in_a_file_is_never_run(anna, tmp_path):
    path = tmp_path / "anna.identity"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(SourceError, match="is no saved identity"):
        read_identity(path)
    write_identity(path, anna)
    trapped = {**_arrays(path), "0.mesh": np.array([Trap()], object)}
    with path.open("wb") as file:
        np.savez(file, **trapped)
    with pytest.raises(SourceError, match=r"is no saved identity .*allow_pickle"):
        read_identity(path)


def test_a_file_that_is_cut_off_missing_or_cannot_be_written_is_one_line(anna, tmp_path):
    path = tmp_path / "anna.identity"
    write_identity(path, anna)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(SourceError, match="is no saved identity"):
        read_identity(path)
    with pytest.raises(SourceError, match="there is no saved identity"):
        read_identity(tmp_path / "bert.identity")
    (tmp_path / "folder.identity").mkdir()
    with pytest.raises(SinkError):
        write_identity(tmp_path / "folder.identity", anna)
