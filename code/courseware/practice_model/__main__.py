"""`python -m courseware.practice_model`: the practice model on its own."""

import sys

from courseware.practice_model.command import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
