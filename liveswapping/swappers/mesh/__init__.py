"""The built-in engine. Read `engine` first; it says what the other modules are for."""
