"""ProPainter's procedure over clips of any length: the published numbers, in memory that the length does not change."""
