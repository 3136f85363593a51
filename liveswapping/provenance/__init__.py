"""Says of what is made here that it was made: in the picture, and in the file."""
