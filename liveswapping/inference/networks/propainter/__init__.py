"""ProPainter's three networks (arXiv:2309.03897) in plain torch, with the parameter names of the published files.

RAFT tells how pixels move, `flow_completion` guesses how they would move inside the hole, and the generator fills it.
Sampling positions and flows are float32 whatever precision the networks compute in: in half precision a position at
the right edge of a 1920 pixel wide picture is wrong by a quarter of a pixel.
"""
