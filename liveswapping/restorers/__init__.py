"""Makes better what is already in the picture: faces, and whole pictures."""
