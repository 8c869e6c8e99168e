"""`python -m courseware.notebooks build|check|nbval [NN …]`."""

import sys

from courseware.notebooks.build import main

sys.exit(main(sys.argv[1:]))
