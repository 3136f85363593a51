"""A slow engine at camera rate: its answers are keyframes, and what lies between them is carried on the face's mesh."""
