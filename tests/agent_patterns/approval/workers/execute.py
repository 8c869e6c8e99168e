"""Executes an approved payment; waits in the effect, before or after the money has moved."""

import sys
from pathlib import Path

from desks import hear, pay, say

from agent_patterns.approval import ApprovalLedger
from agent_patterns.durable.errors import LeaseHeld

path, outbox, when = sys.argv[1:]


def effect(args, key):
    if when == "before":
        say("before")
        hear()
    result = pay(Path(outbox), args, key)
    if when == "after":
        say("after")
        hear()
    return result


ledger = ApprovalLedger(path)
say("ready")
hear()
try:
    action = {"name": "refund", "args": {"amount": "40.00"}}
    say(ledger.execute("k", action, effect, repeatable=True))
except LeaseHeld:
    say("LeaseHeld")
