"""Routes about jobs: pictures, films and batches."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response

from liveswapping.api.answers import JobStatus, JobWish
from liveswapping.api.app import Here
from liveswapping.api.orders import Order, checked
from liveswapping.api.wishes import merged

router = APIRouter()


@router.post("/jobs", status_code=202)
async def order(wish: JobWish, server: Here) -> JobStatus:
    """Put a job in line. The same job again goes on where one that was cancelled, or a server that ended, was."""
    shelf = server.shelf
    settings = merged(server.live.settings, {**wish.settings, "target": None}, shelf.resolved)
    targets = tuple(shelf.resolved(name) for name in wish.targets)
    asked = Order(wish.kind, settings, targets, Path(wish.output), wish.options.model_dump())
    return JobStatus.of(server.jobs.add(checked(asked, shelf.results)))


@router.get("/jobs")
async def jobs(server: Here) -> list[JobStatus]:
    """All jobs, the newest last."""
    return [JobStatus.of(job) for job in server.jobs.jobs.values()]


@router.get("/jobs/{job_id}")
async def job(job_id: str, server: Here) -> JobStatus:
    """One job."""
    return JobStatus.of(server.jobs.find(job_id))


@router.post("/jobs/{job_id}/cancel")
async def cancel(job_id: str, server: Here) -> JobStatus:
    """End a job soon. What is done of a film is kept for the same job again."""
    return JobStatus.of(server.jobs.cancel(job_id))


@router.delete("/jobs/{job_id}", status_code=204)
async def forget(job_id: str, server: Here) -> Response:
    """Forget a job that is over; its result stays."""
    server.jobs.remove(job_id)
    return Response(status_code=204)
