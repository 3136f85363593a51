"""What requests send and get, as JSON: the models that the description of the routes is made of."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from liveswapping.api.desk import Job
from liveswapping.api.live import LiveDesk
from liveswapping.api.wishes import schema
from liveswapping.media.info import SourceInfo

Wishes = Annotated[dict[str, Any], WithJsonSchema(schema())]
"""Settings by their names; what is left out stays as it is, null is the default."""


class Problem(BaseModel):
    """Why a request was not done, in one line."""

    error: str


class Health(BaseModel):
    """The server answers."""

    status: Literal["ok"] = "ok"
    version: str


class Source(BaseModel):
    """What the running source gives."""

    name: str
    width: int
    height: int
    fps: float | None

    @classmethod
    def of(cls, info: SourceInfo) -> Source:
        """Out of what is known of a source."""
        return cls(
            name=info.name, width=info.width, height=info.height, fps=None if info.fps is None else float(info.fps)
        )


class LiveStatus(BaseModel):
    """How the live run is doing."""

    phase: Literal["idle", "starting", "live", "stopping"]
    failure: str
    """Why the last run ended by itself; empty where it did not."""
    notes: list[str]
    source: Source | None
    run: dict[str, Any] | None
    """Frames, rates and times, while there is a run."""

    @classmethod
    def of(cls, live: LiveDesk) -> LiveStatus:
        """As it stands, now."""
        status, info = live.status, live.info
        run = None if status is None else {**asdict(status), "state": status.state.value}
        return cls(
            phase=live.phase.value,
            failure=live.failure,
            notes=list(live.notes),
            source=None if info is None else Source.of(info),
            run=run,
        )


class Start(BaseModel):
    """How to begin a live run."""

    model_config = ConfigDict(extra="forbid")

    settings: Wishes = Field(default_factory=dict)
    record: str | None = Field(default=None, max_length=120, description="also record into this file of the results")


class Camera(BaseModel):
    """A camera of the server."""

    index: int
    name: str


class Sources(BaseModel):
    """What can be swapped in, and who can be become."""

    cameras: list[Camera]
    demos: list[str]
    people: list[str]
    """Saved identities, as sources: saved:NAME."""
    uploads: list[str]
    """Uploaded files, as sources and targets: upload:NAME."""


class Choices(BaseModel):
    """Names that settings take."""

    engines: list[str]
    analysers: list[str]
    restorers: list[str]
    providers: list[str]
    faces: list[str]


class File(BaseModel):
    """A file of the server."""

    name: str
    bytes: int


class Options(BaseModel):
    """How films and batches are made: the flags of the command line."""

    model_config = ConfigDict(extra="forbid")

    trim: str | None = Field(default=None, max_length=40, description="START-END, in seconds or as 1:02:03.5")
    scale: str | None = Field(default=None, max_length=20, description="0.5, 720p, 1280x720, 1280x, x720")
    codec: Literal["h264", "hevc", "av1", "prores"] = "h264"
    encoder: Literal["software", "hardware"] = "software"
    crf: int | None = Field(default=None, ge=0, le=63)
    frames: int | None = Field(default=None, ge=1, le=10**9, description="end after so many")
    fresh: bool = Field(default=False, description="begin anew, whatever an earlier job has done")
    hide: Literal["face", "person"] | None = Field(default=None, description="of everybody who is not swapped")
    fill_outline: bool = Field(default=False, description="where a swapped face is smaller, show what is behind it")
    fill_engine: Literal["auto", "builtin", "propainter"] = "auto"
    pattern: str | None = Field(
        default=None, max_length=100, pattern=r"^([A-Za-z0-9_ ()+.\-]|\{(name|ext|parent)\}|\{index(:0[1-9]d)?\})+$"
    )
    existing: Literal["skip", "overwrite"] = "skip"


class JobWish(BaseModel):
    """What is to be made of what."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["image", "video", "batch"]
    targets: list[str] = Field(min_length=1, max_length=1000, description="upload:NAME, or a file in an open folder")
    output: str = Field(max_length=120, description="a file of the results; of a batch the folder of its results")
    settings: Wishes = Field(default_factory=dict, description="beside those of the server")
    options: Options = Options()


class JobStatus(BaseModel):
    """How a job is doing."""

    id: str
    kind: str
    state: Literal["waiting", "running", "done", "partial", "cancelled", "failed"]
    created: float
    output: str
    """Under `results`."""
    stage: str | None = None
    item: str | None = None
    done: int = 0
    total: int | None = None
    fps: float = 0.0
    elapsed_s: float = 0.0
    eta_s: float | None = None
    failed: int = 0
    swapped: int | None = None
    why: str = ""
    notes: list[str] = []

    @classmethod
    def of(cls, job: Job) -> JobStatus:
        """As it stands, now."""
        answer = cls(
            id=job.id,
            kind=job.order.kind,
            state=job.state.value,
            created=job.created,
            output=Path(job.order.output).name,
            why=job.why,
            notes=list(job.notes),
        )
        if job.progress is not None:
            progress = asdict(job.progress)
            for name in ("item", "done", "total", "fps", "elapsed_s", "eta_s", "failed"):
                value = progress[name]
                setattr(answer, name, value if not isinstance(value, float) or math.isfinite(value) else None)
            answer.stage = job.progress.stage.value
        if job.made is not None:
            answer.swapped, answer.failed, answer.total = job.made.swapped, job.made.failed, job.made.total
        return answer
