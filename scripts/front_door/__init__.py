"""What `run.py` does before the product can be imported. Standard library only."""
