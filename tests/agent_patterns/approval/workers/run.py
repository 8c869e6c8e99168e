"""Starts a run and decides it; may wait to be killed between the decision and the resume."""

import sys
from pathlib import Path

from desks import hear, open_runs, say

from agent_patterns.approval import approve

folder, amount = sys.argv[1:]
runs = open_runs(Path(folder))
runs.start("t-1", {"amount": amount})
ticket = runs.desk.pending()[0]
runs.desk.decide(ticket.id, approve(), by="Priya")
say(ticket.id)
hear()
runs.run("t-1")
say("done")
