"""The built-in analyser for moving pictures: detects now and then, tracks in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.faces.blazeface import FULL_RANGE, SHORT_RANGE, BlazeFace, Detection, distinct
from liveswapping.faces.landmarks import NEW, Sight, face_of
from liveswapping.faces.lanes import LANES, Lanes
from liveswapping.faces.region import TurnedSquare
from liveswapping.faces.search import KEYFRAME, Schedule, Search, side_searches, whole
from liveswapping.faces.tracks import Track, apart, impostors, stands_alone
from liveswapping.imaging.face_mesh import face_width
from liveswapping.inference.small_networks import Load, on_processor

NEW_FACE = 0.9
"""A new face must be as sure as this; a tracked one stays above landmarks.SURE."""
_SMALLEST = 16.0
"""Width in pixels below which a face is not worth following."""
_NEW_PER_FRAME = 2
"""At most so many detections are looked into per frame; the others' turn comes with the next frame."""
_MEMORY = 45
"""Frames for which a lost face is remembered."""
_LOST_VIEW = 2.0
"""A lost face is sought in this many times its region, at its own angle."""
_NEWEST = 0.1
"""Share of the newest frame in a running mean."""
_WRONG = 0.05
"""Face widths by which a mesh that sits wrongly on its face is off, at the least: sensor noise comes to 0.02."""


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A detection, and the picture's pixels per pixel of the detector: how exact it can be."""

    detection: Detection
    coarseness: float


class MediapipeAnalyser:
    """Faces of one stream, with track ids. One thread at a time; owns one worker thread until `close`.

    The first picture is searched as thoroughly as a stream can bear. Later on a picture gets one detection at most:
    all of it every tenth frame, beside the tracking, and in between, at the same pace, one of the searches that find
    tilted, small and cut-off faces. Only where tracking fails there may be one more, and the face is back in the same
    frame.
    """

    def __init__(
        self, model_path: Callable[[str], Path], load: Load = on_processor, *, smooth: bool = True, max_faces: int = 8
    ) -> None:
        """Load the networks. `smooth=False` gives the same tracks with the networks' own noise (for measurements).

        Raises ModelError.
        """
        self._detectors = [BlazeFace(FULL_RANGE, model_path, load) for _ in range(LANES)]
        self._close_up = BlazeFace(SHORT_RANGE, model_path, load)
        self._lanes = Lanes(model_path, load)
        self._smooth, self._max_faces = smooth, max_faces
        self._tracks: list[Track] = []
        self._lost: list[Track] = []
        self._waiting: list[Detection] = []
        self._interval = KEYFRAME
        self._took = {False: 0.0, True: 0.0}
        """Seconds for frames without and with a search: running means."""
        self._schedule, self._turn, self._first, self._next_ident = Schedule(), 0, True, 0

    def faces(self, image: Image) -> Sequence[Face]:
        """All faces of the stream's next picture, largest first. A picture without one is no error."""
        if self._first:
            self._first = False
            self._welcome(image, self._search_thoroughly(image), self._max_faces)
        else:
            began = time.perf_counter()
            searched = self._go_on(image)
            self._took[searched] += _NEWEST * (time.perf_counter() - began - self._took[searched])
        faces = [self._face(track) for track in self._tracks]
        return sorted(faces, key=lambda face: -float(np.prod(face.box[2:] - face.box[:2])))

    def reset(self) -> None:
        """Forget all faces; the next picture is searched as the first of a stream. Track ids go on."""
        self._forget()

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._tracks, self._lost, self._waiting, self._schedule, self._turn, self._first, self._next_ident

    def restore(self, state: tuple[list[Track], list[Track], list[Detection], Schedule, int, bool, int]) -> None:
        """As `Resumable.restore`."""
        self._tracks, self._lost, self._waiting, self._schedule, self._turn, self._first, self._next_ident = state

    @property
    def savings(self) -> Sequence[str]:
        """It can look for new faces less often."""
        return ("new faces are looked for half as often",)

    def save(self, count: int) -> None:
        """1: half as often."""
        self._interval = KEYFRAME * (2 if count else 1)
        self._schedule.interval = self._interval

    def cost(self, count: int) -> float:
        """A search is what a frame with one takes longer; two fall on every `KEYFRAME` frames, and then one."""
        return (self._took[True] - self._took[False]) / KEYFRAME

    def close(self) -> None:
        """End the worker thread."""
        self._lanes.close()

    def _forget(self) -> None:
        self._tracks, self._lost, self._waiting = [], [], []
        self._schedule, self._turn, self._first = Schedule(), 0, True
        self._schedule.interval = self._interval

    def _face(self, track: Track) -> Face:
        smooth = track.smoother(track.sight.mesh)  # also where it is not asked for: it says how noisy the face is
        mesh = smooth if self._smooth else track.sight.mesh
        return face_of(mesh, track.sight.surface.score, track.ident)

    def _search_thoroughly(self, image: Image) -> list[_Found]:
        squares = [whole(image), *side_searches(image)]
        jobs = [partial(self._search_in_lane, image, square) for square in squares]
        return [found for answer in self._lanes.spread(jobs) for found in answer]

    def _search_in_lane(self, image: Image, square: TurnedSquare, lane: int) -> list[_Found]:
        return _search(image, square, self._detectors[lane])

    def _go_on(self, image: Image) -> bool:
        """Track, and search if it is time to. True where it was."""
        regions = [track.region for track in self._tracks]
        search = self._schedule.next(len(self._tracks))
        found: list[_Found] = []
        if search is None:
            sights = self._lanes.sights(image, regions)
        else:
            square, detector = self._place_of(search, image)
            sights, found = self._lanes.sights_beside(image, regions, partial(_search, image, square, detector))
        if self._follow(image, sights) and search is not Search.PLAIN:
            found = found + _search(image, whole(image), self._detectors[0])
            self._schedule.plain_was_done()
        if found:
            self._put_right(image, found)
        if found or self._waiting:
            self._welcome(image, found, _NEW_PER_FRAME)
        return search is not None

    def _place_of(self, search: Search, image: Image) -> tuple[TurnedSquare, BlazeFace]:
        """Which square of this picture is searched, and by which detector."""
        if search is Search.LOST and self._lost:
            lost = min(self._lost, key=lambda track: track.lost_for).expected
            return TurnedSquare(lost.x, lost.y, _LOST_VIEW * lost.size, lost.angle), self._close_up
        if search is Search.SIDE:
            side = side_searches(image)
            self._turn = (self._turn + 1) % len(side)
            return side[self._turn], self._detectors[0]
        return whole(image), self._detectors[0]

    def _follow(self, image: Image, sights: Sequence[Sight | None]) -> bool:
        """Take in what was seen of the tracked faces. True when they must be searched for."""
        kept, lost = [], []
        for track, sight in zip(self._tracks, sights, strict=True):
            if sight is None or not _in_picture(sight, image) or track.is_somebody_else(sight):
                lost.append(track)
                continue
            track.see(sight, stands_alone(sight, (other for other in self._tracks if other is not track)))
            kept.append(track)
        lost += impostors(kept)
        self._tracks = [track for track in kept if track not in lost]
        self._lost = [track for track in self._lost if track.lost_for <= _MEMORY] + lost
        for track in self._lost:
            track.lose()
        if lost:
            self._schedule.lost()
        return bool(lost) or any(track.slipped for track in self._tracks)

    def _put_right(self, image: Image, found: list[_Found]) -> None:
        """Look again where a detection says that a tracked mesh sits wrongly on its face, or has lost touch with it."""
        for track in self._tracks:
            here = [one for one in found if _same_place(one.detection, track.sight)]
            if not here and (track.slipped or track.sight.doubtful):
                here = [one for one in found if _near(one.detection, track.sight) and not self._known(one.detection)]
            if not here or (not track.slipped and _agree(here[0], track.sight)):
                continue
            sight = self._lanes.sight(image, here[0].detection.region, NEW)
            if sight is None or sight.doubt >= track.sight.doubt or not _differ(sight, track.sight):
                continue
            if track.strangeness(sight) < 1.0:
                track.put_right(sight)

    def _welcome(self, image: Image, found: list[_Found], most: int) -> None:
        """Begin to follow faces that nobody follows, as the ones they were where they were lost before."""
        seen = [*(one.detection for one in found), *self._waiting]
        unknown = distinct([detection for detection in seen if not self._known(detection)])
        unknown.sort(key=lambda detection: -detection.size)
        del unknown[max(0, self._max_faces - len(self._tracks)) :]
        self._waiting = unknown[most:]
        sights = self._lanes.sights(image, [detection.region for detection in unknown[:most]], NEW)
        new = [sight for sight in sights if sight is not None and _worthy(sight, image)]
        for sight in self._reunite(new):
            if self._free(sight):
                self._tracks.append(Track(self._next_ident, sight))
                self._next_ident += 1

    def _reunite(self, new: list[Sight]) -> list[Sight]:
        """Give lost faces back their sights, best matches first. Returns the sights of faces never seen before."""
        pairs = [(track, sight, stands_alone(sight, self._tracks)) for track in self._lost for sight in new]
        rated = [(track.strangeness(sight, alone), track, sight) for track, sight, alone in pairs]
        for strangeness, track, sight in sorted(rated, key=lambda pair: pair[0]):
            if strangeness < 1.0 and track in self._lost and sight in new and self._free(sight):
                track.put_right(sight)
                self._lost.remove(track)
                self._tracks.append(track)
                new.remove(sight)
        return new

    def _known(self, detection: Detection) -> bool:
        return any(_same_place(detection, track.sight) for track in self._tracks)

    def _free(self, sight: Sight) -> bool:
        return all(apart(sight, track.sight) > 0.5 for track in self._tracks)


def _search(image: Image, square: TurnedSquare, detector: BlazeFace) -> list[_Found]:
    return [_Found(detection, square.size / detector.pixels) for detection in detector.detect(image, square)]


def _worthy(sight: Sight, image: Image) -> bool:
    return sight.surface.score > NEW_FACE and face_width(sight.mesh) >= _SMALLEST and _in_picture(sight, image)


def _in_picture(sight: Sight, image: Image) -> bool:
    """Whether enough of a face lies within the picture."""
    x, y = sight.surface.points[:, 0], sight.surface.points[:, 1]
    inside = (x > 0) & (y > 0) & (x < image.shape[1] - 1) & (y < image.shape[0] - 1)
    return float(inside.mean()) > 0.25


def _same_place(detection: Detection, sight: Sight) -> bool:
    return _distance(detection, sight) < 0.5 * max(detection.size, face_width(sight.mesh))


def _near(detection: Detection, sight: Sight) -> bool:
    """Whether a face may have jumped from `sight` to `detection` since the last frame."""
    width = face_width(sight.mesh)
    return _distance(detection, sight) < 1.5 * width and 0.6 * width < detection.size < 1.7 * width


def _differ(one: Sight, other: Sight) -> bool:
    """Whether two meshes of a face differ by more than noise: else a side view, always doubted, would never rest."""
    off = np.linalg.norm(one.mesh[:, :2] - other.mesh[:, :2], axis=1).mean()
    return float(off) > _WRONG * face_width(other.mesh)


def _distance(detection: Detection, sight: Sight) -> float:
    middle = sight.surface.points[:, :2].mean(axis=0)
    return float(np.hypot(detection.x - middle[0], detection.y - middle[1]))


def _agree(found: _Found, sight: Sight) -> bool:
    """Whether eyes, nose and mouth are where the detector has them, as exactly as it can tell."""
    mesh = sight.mesh
    own = np.stack([mesh[468, :2], mesh[473, :2], mesh[1, :2], (mesh[13, :2] + mesh[14, :2]) / 2])
    away = float(np.linalg.norm((own - found.detection.keypoints[:4]).mean(axis=0)))
    return away < max(0.15 * face_width(mesh), 4.0 * found.coarseness)
