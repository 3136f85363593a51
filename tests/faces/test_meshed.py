import numpy as np
import pytest

from liveswapping.domain.face import Face
from liveswapping.faces.meshed import SELDOM, MeshedAnalyser


class Five:
    """Knows the five points of the faces that it is told, and what was asked of it."""

    def __init__(self, *faces):
        self.found, self.said = list(faces), []

    def faces(self, image):
        return self.found

    def reset(self):
        self.said.append("reset")

    def close(self):
        self.said.append("close")


@pytest.fixture(scope="module")
def known(model_path, astronaut_picture):
    from liveswapping.faces.stills import StillsAnalyser

    analyser = StillsAnalyser(model_path)
    face = analyser.faces(astronaut_picture)[0]
    analyser.close()
    return face


def bare(known, track=-1, shift=0.0, points=0.0):
    return Face(known.box + shift, known.keypoints + points, 0.8, track_id=track)


@pytest.mark.parametrize("track", [-1, 3])
def test_a_face_of_five_points_gets_the_mesh_and_keeps_what_it_had(known, model_path, astronaut_picture, track):
    finder = Five(bare(known, track))
    analyser = MeshedAnalyser(finder, model_path, required=True)
    for _ in range(2):
        (face,) = analyser.faces(astronaut_picture)
        assert np.abs(face.mesh[:, :2] - known.mesh[:, :2]).mean() < 0.02 * (known.box[2] - known.box[0])
        assert (face.keypoints == known.keypoints).all()
        assert (face.score, face.track_id) == (0.8, track)
    analyser.reset()
    analyser.close()
    assert finder.said == ["reset", "close"]


@pytest.mark.parametrize("required", [True, False])
def test_where_no_mesh_is_found_a_face_stays_bare_or_is_left_out(known, model_path, astronaut_picture, required):
    wall = np.full_like(astronaut_picture, 128)
    analyser = MeshedAnalyser(Five(bare(known)), model_path, required=required)
    assert [face.mesh for face in analyser.faces(wall)] == ([] if required else [None])
    analyser.close()


def test_where_time_is_short_others_are_asked_less_often_and_their_faces_followed_by_the_mesh(
    known, model_path, astronaut_picture
):
    finder = Five(bare(known, 3))
    asked = []
    finder.faces = lambda image: asked.append(image) or finder.found
    analyser = MeshedAnalyser(finder, model_path, required=True)
    assert analyser.savings == (SELDOM,)
    analyser.save(1)
    moved = [np.roll(astronaut_picture, (-2 * n, 3 * n), (0, 1)) for n in range(5)]
    for n, image in enumerate(moved):
        if n % 3 == 0:
            finder.found = [bare(known, 3, np.float32([3 * n, -2 * n] * 2), np.float32([3 * n, -2 * n]))]
        (face,) = analyser.faces(image)
        assert np.abs(face.keypoints - known.keypoints - (3 * n, -2 * n)).max() < 1.5
        assert np.abs(face.box - known.box - (3 * n, -2 * n, 3 * n, -2 * n)).max() < 3
        assert face.track_id == 3
    assert len(asked) == 2
    assert analyser.cost(1) > 0
    analyser.faces(np.full_like(astronaut_picture, 128))  # a face that is gone is looked for at once
    assert len(asked) == 3
    analyser.close()
