"""Gives roles to faces by where they stand, and leaves each its role when it moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from liveswapping.domain.casting import Role
from liveswapping.domain.face import Face

_FORGOTTEN: Final = 60
"""Frames after which a face that did not come back gives up its role."""
_SETTLED: Final = 15
"""Frames for which a role follows the places: a neighbour may be found a moment later than the first face."""


class ByPlace:
    """Roles by place. What counts is where a face is when it comes; soon its track has the role, wherever it goes."""

    def __init__(self, roles: Sequence[Role]) -> None:
        """`roles` all have a place."""
        self._roles = tuple(roles)
        self._held: dict[int, Role] = {}
        self._seen: dict[int, int] = {}
        self._since: dict[int, int] = {}
        self._frame = 0

    def choose(self, faces: Sequence[Face]) -> dict[int, Role]:
        """Index of a face → its role."""
        self._frame += 1
        self._forget(faces)
        order = sorted(range(len(faces)), key=lambda index: float(faces[index].box[0] + faces[index].box[2]))
        settled = [index for index in order if self._is_settled(faces[index].track_id)]
        chosen = {index: self._held[faces[index].track_id] for index in settled}
        for index in [index for index in order if index not in chosen]:
            role = self._role_of(index, order, chosen)
            if role is not None:
                chosen[index] = role
                self._hold(faces[index].track_id, role)
        return chosen

    def _is_settled(self, track: int) -> bool:
        return track in self._held and self._since[track] + _SETTLED <= self._frame

    def state(self) -> object:
        """As `Resumable.state`."""
        place = {id(role): number for number, role in enumerate(self._roles)}
        return {track: place[id(role)] for track, role in self._held.items()}, self._seen, self._since, self._frame

    def restore(self, state: tuple[dict[int, int], dict[int, int], dict[int, int], int]) -> None:
        """As `Resumable.restore`."""
        held, self._seen, self._since, self._frame = state
        self._held = {track: self._roles[place] for track, place in held.items()}

    def reset(self) -> None:
        """Forget all faces."""
        self._held.clear()
        self._seen.clear()
        self._since.clear()

    def _role_of(self, index: int, order: Sequence[int], chosen: dict[int, Role]) -> Role | None:
        """The role of the place where a new face stands. Where its owner went to another place: that place's role."""
        owners = {id(role): owner for owner, role in chosen.items()}
        place = order.index(index)
        for _ in order:
            role = self._at(place, len(order))
            if role is None or id(role) not in owners:
                return role
            place = order.index(owners[id(role)])
        return None

    def _at(self, place: int, count: int) -> Role | None:
        for role in self._roles:
            wanted = role.place or 0
            if place == (wanted if wanted >= 0 else count + wanted):
                return role
        return None

    def _hold(self, track: int, role: Role) -> None:
        """One track has a role at a time: who had it before is gone."""
        if track < 0:
            return
        if self._held.get(track) is not role:
            self._since[track] = self._frame
            self._held = {other: held for other, held in self._held.items() if held is not role} | {track: role}
        self._seen[track] = self._frame

    def _forget(self, faces: Sequence[Face]) -> None:
        self._seen |= {face.track_id: self._frame for face in faces if face.track_id in self._held}
        for track in [track for track, seen in self._seen.items() if seen + _FORGOTTEN < self._frame]:
            del self._seen[track]
            self._held.pop(track, None)
            self._since.pop(track, None)
