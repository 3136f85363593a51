"""Tests mirror the packages: what is in `faces/x.py` is tested in `tests/faces/test_x.py`."""
