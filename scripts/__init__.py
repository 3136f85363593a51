"""Programs that are run by hand or by CI. Each runs alone: `python scripts/NAME.py`."""
