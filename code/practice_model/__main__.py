"""`python -m practice_model`: the practice model on its own."""

import sys

from practice_model.server.command import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
