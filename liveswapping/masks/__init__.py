"""Everything about what is in front of a face. Read `occlusion` first."""
