"""The one error of the front door."""


class SetupError(Exception):
    """Something that keeps the product from being set up; the message is one line: what happened, what to do."""
