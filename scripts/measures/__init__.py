"""What `benchmark.py`, `quality.py` and `soak.py` measure, and with what."""
