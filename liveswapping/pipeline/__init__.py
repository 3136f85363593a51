"""What happens to frames, from source to sinks: one loop, one place that decides."""
