"""A live run and its pictures, without any widget."""
