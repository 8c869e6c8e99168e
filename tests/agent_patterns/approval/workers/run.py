"""Starts a run and decides it; may wait to be killed between the decision and the resume."""

import sys
from pathlib import Path

from desks import hear, open_runs, say

folder, amount = sys.argv[1:]
runs = open_runs(Path(folder))
runs.start("t-1", {"amount": amount})
ticket = runs.desk.pending()[0]
runs.desk.approve(ticket.id, by="Priya")
say(ticket.id)
hear()
runs.drive("t-1")
say("done")
