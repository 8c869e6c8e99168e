"""`python -m courseware`: the course's command line."""

import sys

from courseware.commands.cli import main

sys.exit(main(sys.argv[1:]))
