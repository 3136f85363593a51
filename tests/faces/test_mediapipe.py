from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.faces.blazeface import BlazeFace
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.imaging.face_mesh import OVAL, face_width
from tests.faces.actors import WIDTH, Head, middle, nearest, scene, stage

Frames = Iterable[Image]


def follow(analyser: MediapipeAnalyser, frames: Frames) -> list[list[Face]]:
    return [list(analyser.faces(frame)) for frame in frames]


def ids(answers: Iterable[Iterable[Face]]) -> list[tuple[int, ...]]:
    return [tuple(face.track_id for face in faces) for faces in answers]


def turned(picture: Image, angle: float, scale: float = 1.0, x: float = 0.0, y: float = 0.0) -> Image:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    matrix[:, 2] += x, y
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def test_a_face_has_all_that_a_swapper_needs(analyser: MediapipeAnalyser, astronaut: Image) -> None:
    (face,) = analyser.faces(astronaut)
    assert face.mesh is not None
    assert face.mesh.shape == (478, 3)
    assert face.mesh.dtype == face.box.dtype == face.keypoints.dtype == np.float32
    assert face.keypoints.shape == (5, 2)
    assert face.score > 0.9
    assert np.abs(middle(face) - [226, 123]).max() < 6


def test_all_friends_are_followed_while_the_picture_moves(analyser: MediapipeAnalyser, friends: Image) -> None:
    steps = range(24)
    answers = follow(
        analyser, (turned(friends, 5 * np.sin(i / 6), 0.8 + 0.05 * np.sin(i / 8), 5.0 * i, 2.0 * i) for i in steps)
    )
    assert min(len(faces) for faces in answers) >= 5
    assert set(ids(answers)[0]) <= set(ids(answers)[-1])
    assert len({face.track_id for faces in answers for face in faces}) <= 6
    for before, after in pairwise(answers):
        places = {face.track_id: middle(face) for face in before}
        for face in after:
            assert np.linalg.norm(middle(face) - places.get(face.track_id, middle(face))) < 20


def test_faces_come_largest_first(analyser: MediapipeAnalyser, friends: Image) -> None:
    sizes = [float(np.prod(face.box[2:] - face.box[:2])) for face in analyser.faces(friends)]
    assert sizes == sorted(sizes, reverse=True)


def test_no_more_faces_than_asked_for(model_path: Callable[[str], Path], friends: Image) -> None:
    analyser = MediapipeAnalyser(model_path, max_faces=2)
    try:
        assert {len(faces) for faces in follow(analyser, [friends] * 8)} == {2}
    finally:
        analyser.close()


@pytest.mark.parametrize("front", ["ann", "bob"])
@pytest.mark.parametrize("frames", [14, 40])
def test_people_who_pass_each_other_keep_their_numbers(
    analyser: MediapipeAnalyser, ann: Head, bob: Head, front: str, frames: int
) -> None:
    places = [(150 + 340 * t, 490 - 340 * t) for t in np.linspace(0, 1, frames)]
    places = [places[0]] * 2 + places + [places[-1]] * 12
    seen = []
    for x_ann, x_bob in places:
        actors = [(bob, x_bob, 200.0), (ann, x_ann, 180.0)]
        seen.append(list(analyser.faces(scene(*(actors if front == "ann" else actors[::-1])))))
    assert len(seen[1]) == 2
    assert len(seen[-1]) == 2
    for row, (x_ann, x_bob) in ((1, places[0]), (-1, places[-1])):
        assert nearest(seen[row], x_ann, 180).track_id == nearest(seen[1], places[0][0], 180).track_id
        assert nearest(seen[row], x_bob, 200).track_id == nearest(seen[1], places[0][1], 200).track_id


@pytest.mark.parametrize("frames", [1, 4, 20])
def test_a_face_that_was_hidden_is_back_at_once_under_its_number(
    analyser: MediapipeAnalyser, ann: Head, frames: int
) -> None:
    before = follow(analyser, (scene((ann, 200 + 2 * i, 180)) for i in range(8)))
    hidden = follow(analyser, (stage() for _ in range(frames)))
    after = follow(analyser, (scene((ann, 220, 180)) for _ in range(3)))
    assert ids(before) == [(before[0][0].track_id,)] * 8
    assert ids(hidden) == [()] * frames
    assert ids(after)[-1] == ids(before)[0]
    assert () not in ids(after)[1:]


def test_after_a_cut_the_new_face_is_there_in_the_same_frame_under_a_new_number(
    analyser: MediapipeAnalyser, ann: Head, bob: Head
) -> None:
    first = follow(analyser, (scene((ann, 180, 180)) for _ in range(6)))
    elsewhere = follow(analyser, (scene((bob, 460, 200)) for _ in range(6)))
    nearby = follow(analyser, (scene((ann, 440, 190)) for _ in range(6)))
    assert [len(faces) for faces in first + elsewhere + nearby] == [1] * 18
    assert elsewhere[0][0].track_id != first[0][0].track_id
    assert nearby[-1][0].track_id != elsewhere[-1][0].track_id


@pytest.mark.parametrize("step", [25, 60, 110])
def test_a_head_that_jumps_from_frame_to_frame_is_followed(analyser: MediapipeAnalyser, ann: Head, step: float) -> None:
    places = [(320 + step * (i % 2 - 0.5), 180 + 0.7 * step * (i // 2 % 2 - 0.5)) for i in range(16)]
    answers = follow(analyser, (scene((ann, x, y)) for x, y in places))
    assert ids(answers) == [(answers[0][0].track_id,)] * 16
    for (face,), (x, y) in zip(answers, places, strict=True):
        assert np.linalg.norm(middle(face) - [x, y]) < 0.12 * WIDTH


def test_a_mesh_that_sits_wrongly_on_its_face_is_put_right(analyser: MediapipeAnalyser, ann: Head) -> None:
    frame = scene((ann, 320, 180))
    (right,) = analyser.faces(frame)
    (track,) = analyser._tracks
    track.region = track.region.moved(0, 0.3 * track.region.size)  # as after a jump that was not noticed
    answers = follow(analyser, [frame] * 6)
    assert ids(answers) == [(right.track_id,)] * 6
    assert np.linalg.norm(middle(answers[-1][0]) - middle(right)) < 0.02 * WIDTH


def test_a_face_may_leave_the_frame_and_is_followed_while_half_of_it_shows(
    analyser: MediapipeAnalyser, ann: Head
) -> None:
    places = [*range(320, 690, 12)]
    answers = follow(analyser, (scene((ann, x, 180)) for x in places))
    shown = [bool(faces) for faces in answers]
    assert all(there for there, x in zip(shown, places, strict=True) if x < 640)
    assert not shown[-1]


def test_a_tilted_face_is_followed_all_the_way_round(analyser: MediapipeAnalyser, ann: Head) -> None:
    frames = [turned(scene((ann, 320, 180)), angle) for angle in range(0, 360, 10)]
    answers = follow(analyser, frames)
    assert ids(answers) == [(answers[0][0].track_id,)] * 36
    face = answers[18][0]
    assert face.keypoints[0, 0] > face.keypoints[1, 0], "upside down, the eye that was left is right"


def test_without_smoothing_the_same_faces_are_tracked(model_path: Callable[[str], Path], ann: Head) -> None:
    frames = [scene((ann, 200 + 6 * i, 180 + 10 * np.sin(i))) for i in range(12)]
    smooth, plain = MediapipeAnalyser(model_path), MediapipeAnalyser(model_path, smooth=False)
    try:
        regions = []
        for frame in frames:
            assert ids([smooth.faces(frame)]) == ids([plain.faces(frame)])
            regions.append((smooth._tracks[0].region, plain._tracks[0].region))
    finally:
        smooth.close()
        plain.close()
    assert all(one == other for one, other in regions)


def test_a_still_noisy_face_stands_still(analyser: MediapipeAnalyser, ann: Head) -> None:
    rng = np.random.default_rng(0)
    frame = cv2.resize(scene((ann, 320, 180))[60:300, 160:480], (640, 480), interpolation=cv2.INTER_CUBIC)
    noisy = (np.clip(frame + rng.normal(0, 4, frame.shape) + 0.5, 0, 255).astype(np.uint8) for _ in range(60))
    meshes = np.stack([faces[0].mesh for faces in follow(analyser, noisy) if faces[0].mesh is not None])
    places = meshes[:, :468, :2]
    apart = np.sqrt(((places - places.mean(axis=0)) ** 2).sum(axis=2).mean(axis=0)) / face_width(meshes[0])
    assert apart.mean() < 0.0005
    assert apart.max() < 0.0010


def test_a_turning_head_is_not_late(model_path: Callable[[str], Path], ann: Head) -> None:
    frames = [turned(scene((ann, 320, 180)), angle) for angle in np.interp(range(24), [5, 20], [-30, 30])]
    smooth, plain = MediapipeAnalyser(model_path), MediapipeAnalyser(model_path, smooth=False)
    try:
        apart = []
        for frame in frames:
            one, other = smooth.faces(frame)[0].mesh, plain.faces(frame)[0].mesh
            assert one is not None
            assert other is not None
            apart.append(np.linalg.norm((one - other)[list(OVAL), :2], axis=1).mean() / face_width(other))
    finally:
        smooth.close()
        plain.close()
    per_frame = np.radians(4) * 0.6  # what the turn moves the outline by, in face widths
    assert max(apart) < 0.5 * per_frame


def test_a_frame_gets_one_detection_at_most_while_nothing_is_wrong(
    analyser: MediapipeAnalyser, ann: Head, bob: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    detect = BlazeFace.detect
    monkeypatch.setattr(BlazeFace, "detect", lambda *given, **named: asked.append(1) or detect(*given, **named))
    frames = [scene((ann, 200, 180))] * 30 + [stage()] * 30 + [scene((bob, 400, 180))] * 10
    analyser.faces(frames[0])
    per_frame = []
    for frame in frames:
        asked.clear()
        analyser.faces(frame)
        per_frame.append(len(asked))
    assert sum(per_frame[:30]) <= 7
    assert sum(count > 1 for count in per_frame) <= 1, "where the face was lost"
    assert max(per_frame[31:60]) == 1


def test_a_group_that_comes_in_at_once_is_met_two_a_frame_one_frame_after_the_other(
    analyser: MediapipeAnalyser, friends: Image
) -> None:
    room = np.full_like(friends, 90)
    counts = [len(analyser.faces(room)) for _ in range(3)]
    counts += [len(analyser.faces(friends)) for _ in range(6)]
    came = [later - before for before, later in pairwise(counts)]
    first = next(number for number, many in enumerate(came) if many)
    assert max(came) == 2
    assert came[first : first + 2] == [2, 2]
    assert sum(came[first : first + 3]) >= 5


def test_reset_forgets_faces_but_does_not_use_their_numbers_again(
    analyser: MediapipeAnalyser, astronaut: Image
) -> None:
    (before,) = analyser.faces(astronaut)
    analyser.reset()
    (after,) = analyser.faces(astronaut)
    assert after.track_id > before.track_id


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (20, 20), (2160, 3840)])
def test_pictures_of_any_size_are_no_error(analyser: MediapipeAnalyser, shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), 100, np.uint8)
    assert follow(analyser, [picture] * 3) == [[]] * 3


def test_a_stream_may_change_its_size(analyser: MediapipeAnalyser, astronaut: Image) -> None:
    small = np.asarray(cv2.resize(astronaut, (128, 128), interpolation=cv2.INTER_AREA), np.uint8)
    answers = follow(analyser, [astronaut, astronaut, small, small, astronaut, astronaut])
    assert [len(faces) for faces in answers][-1] == 1


@pytest.mark.parametrize("gain", [0.1, 0.3])
def test_a_dark_or_colourless_face_is_found(analyser: MediapipeAnalyser, astronaut: Image, gain: float) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert len(analyser.faces((grey * gain).astype(np.uint8))) == 1
