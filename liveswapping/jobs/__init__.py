"""What runs unattended: films and batches, with progress, cancel and resume.

`build_jobs.video_job` and `build_batch.batch_job` make them out of settings. `run` blocks and calls back a few times a
second with a frozen Progress, on the thread that called it; `cancel` may be called from any thread.
"""
