"""The engines that put faces on. `builtin` is the list of them."""
