"""Pure functions on pictures and meshes: no models, no state, no threads but the two that draw."""
