"""The built-in analyser for moving pictures: detects now and then, tracks in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.faces.blazeface import FULL_RANGE, SHORT_RANGE, BlazeFace, Detection
from liveswapping.faces.landmarks import NEW, TRACKED, Sight, face_of
from liveswapping.faces.lanes import Lanes
from liveswapping.faces.region import TurnedSquare
from liveswapping.faces.search import Schedule, Search, side_searches, whole
from liveswapping.faces.tracks import Track, apart, crowded, impostors
from liveswapping.imaging.face_mesh import face_width

NEW_FACE = 0.9
"""A new face must be as sure as this; a tracked one stays above landmarks.SURE."""
_SMALLEST = 16.0
"""Width in pixels below which a face is not worth following."""
_NEW_PER_FRAME = 4
"""At most so many detections are looked into per frame; the others' turn comes with the next search."""
_MEMORY = 45
"""Frames for which a lost face is remembered."""
_DOUBT = 0.2
"""See landmarks.Sight.doubt."""
_LOST_VIEW = 2.0
"""A lost face is sought in this many times its region, at its own angle."""


@dataclass(frozen=True, slots=True, eq=False)
class _Searched:
    """What a search saw, and the picture's pixels per pixel of the detector."""

    detections: list[Detection]
    coarseness: float


class MediapipeAnalyser:
    """Faces of one stream, with track ids. One thread at a time; owns one worker thread until `close`.

    Detection runs every tenth frame, beside the tracking; a second, cheaper schedule looks for tilted, small and
    cut-off faces, one search at a time. No frame ever gets more than one detection.
    """

    def __init__(self, model_path: Callable[[str], Path], *, smooth: bool = True, max_faces: int = 8) -> None:
        """Load the networks. `smooth=False` gives the same tracks with the networks' own noise (for measurements).

        Raises ModelError.
        """
        self._full, self._short = BlazeFace(FULL_RANGE, model_path), BlazeFace(SHORT_RANGE, model_path)
        self._lanes = Lanes(model_path)
        self._smooth, self._max_faces = smooth, max_faces
        self._next_ident = 0
        self._forget()

    def faces(self, image: Image) -> Sequence[Face]:
        """All faces of the stream's next picture, largest first. Raises nothing for any picture."""
        square, detector = self._choose_search(image)
        regions = [track.region for track in self._tracks]
        searched: _Searched | None = None
        if square is None:
            sights = self._lanes.sights(image, regions)
        else:
            sights, searched = self._lanes.sights_beside(image, regions, lambda: self._search(image, square, detector))
        troubled = self._follow(image, sights)
        if searched is None and troubled and self._schedule.may_doubt:
            searched = self._search(image, whole(image), self._full)
            self._schedule.plain_was_done()
        if searched is not None:
            self._put_right(image, searched)
            self._welcome(image, searched)
        faces = [self._face(track) for track in self._tracks]
        return sorted(faces, key=lambda face: -float(np.prod(face.box[2:] - face.box[:2])))

    def reset(self) -> None:
        """Forget all faces; the next picture is searched as the first of a stream. Track ids go on."""
        self._forget()

    def close(self) -> None:
        """End the worker thread."""
        self._lanes.close()

    def _face(self, track: Track) -> Face:
        mesh = track.sight.mesh
        return face_of(track.smoother(mesh) if self._smooth else mesh, track.sight.surface.score, track.ident)

    def _forget(self) -> None:
        self._tracks: list[Track] = []
        self._lost: list[Track] = []
        self._schedule = Schedule()
        self._side_turn = 0

    def _choose_search(self, image: Image) -> tuple[TurnedSquare | None, BlazeFace]:
        """Which square this frame is searched in, and by which detector."""
        side = side_searches(image)
        search = self._schedule.next(len(self._tracks), self._side_turn < len(side))
        if search is Search.LOST and self._lost:
            lost = self._lost[self._side_turn % len(self._lost)].expected
            return TurnedSquare(lost.x, lost.y, _LOST_VIEW * lost.size, lost.angle), self._short
        if search is Search.SIDE:
            self._side_turn += 1
            return side[self._side_turn % len(side)], self._full
        return (None if search is None else whole(image)), self._full

    @staticmethod
    def _search(image: Image, square: TurnedSquare, detector: BlazeFace) -> _Searched:
        return _Searched(detector.detect(image, square), square.size / detector.pixels)

    def _follow(self, image: Image, sights: Sequence[Sight | None]) -> bool:
        """Take in what was seen of the tracked faces. True when one was lost or is doubtful."""
        kept, lost = [], []
        for track, sight in zip(self._tracks, sights, strict=True):
            if sight is None or not _in_picture(sight, image):
                lost.append(track)
                continue
            track.see(sight, alone=not crowded(track, self._tracks))
            kept.append(track)
        wrong = impostors(kept)
        self._tracks = [track for track in kept if track not in wrong]
        for track in self._lost:
            track.missed += 1
        self._lost = [track for track in self._lost if track.missed <= _MEMORY] + lost + wrong
        if lost or wrong:
            self._schedule.lost()
        return bool(lost) or any(_doubtful(track.sight) for track in self._tracks)

    def _put_right(self, image: Image, searched: _Searched) -> None:
        """Look again where a detection says that a tracked mesh sits wrongly on its face."""
        for track in self._tracks:
            near = [found for found in searched.detections if _same_place(found, track.sight)]
            if not near or _agree(near[0], track.sight, searched.coarseness):
                continue
            sight = self._lanes.sight(image, near[0].region, NEW)
            if sight is not None and sight.doubt < track.sight.doubt:
                track.put_right(sight)

    def _welcome(self, image: Image, searched: _Searched) -> None:
        """Begin to follow faces that nobody follows, as the ones they were where they were lost before."""
        room = min(_NEW_PER_FRAME, self._max_faces - len(self._tracks))
        unknown = [
            found for found in searched.detections if not any(_same_place(found, track.sight) for track in self._tracks)
        ]
        unknown.sort(key=lambda found: -found.size)
        regions = [found.region for found in unknown[: max(0, room)]]
        sights = self._lanes.sights(image, regions, NEW) if regions else []
        new = [sight for sight in sights if sight is not None and _worthy(sight, image)]
        for sight in self._reunite(new):
            if all(apart(sight, track.sight) > 0.5 for track in self._tracks):
                self._tracks.append(Track(self._next_ident, sight))
                self._next_ident += 1

    def _reunite(self, new: list[Sight]) -> list[Sight]:
        """Give lost faces back their sights, best matches first. Returns the sights of faces never seen before."""
        pairs = [(track.strangeness(sight), track, sight) for track in self._lost for sight in new]
        pairs.sort(key=lambda pair: pair[0])
        for strangeness, track, sight in pairs:
            free = all(apart(sight, other.sight) > 0.5 for other in self._tracks)
            if strangeness < 1.0 and track in self._lost and sight in new and free:
                track.found_again(sight)
                self._lost.remove(track)
                self._tracks.append(track)
                new.remove(sight)
        return new


def _doubtful(sight: Sight) -> bool:
    return sight.doubt > _DOUBT or sight.surface.off > TRACKED.tolerance


def _worthy(sight: Sight, image: Image) -> bool:
    return sight.surface.score > NEW_FACE and face_width(sight.mesh) >= _SMALLEST and _in_picture(sight, image)


def _in_picture(sight: Sight, image: Image) -> bool:
    """Whether enough of a face lies within the picture."""
    x, y = sight.surface.points[:, 0], sight.surface.points[:, 1]
    inside = (x > 0) & (y > 0) & (x < image.shape[1] - 1) & (y < image.shape[0] - 1)
    return float(inside.mean()) > 0.25


def _same_place(found: Detection, sight: Sight) -> bool:
    middle = sight.surface.points[:, :2].mean(axis=0)
    away = float(np.hypot(found.x - middle[0], found.y - middle[1]))
    return away < 0.5 * max(found.size, face_width(sight.mesh))


def _agree(found: Detection, sight: Sight, coarseness: float) -> bool:
    """Whether eyes, nose and mouth are where the detector has them, as exactly as it can tell."""
    mesh = sight.mesh
    own = np.stack([mesh[468, :2], mesh[473, :2], mesh[1, :2], (mesh[13, :2] + mesh[14, :2]) / 2])
    away = float(np.linalg.norm((own - found.keypoints[:4]).mean(axis=0)))
    return away < max(0.15 * face_width(mesh), 4.0 * coarseness)
