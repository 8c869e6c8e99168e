"""Give what the starter imports."""

from pathlib import Path

__all__ = ["Path"]
