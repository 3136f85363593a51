"""Analysers: who is where in a picture. `builtin` lists them."""
