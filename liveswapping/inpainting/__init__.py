"""Takes things out of clips: a hole in every picture, filled with what other pictures show there."""
