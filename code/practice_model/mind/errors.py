"""What the mind raises."""


class TooMuch(Exception):
    """An answer would take more work, or be longer, than is allowed; the message says why."""
