"""The few widgets that every page is made of. They know tokens and Qt, and nothing of faces."""
