"""Decides a request when told to, and says what came of it."""

import sys

from desks import hear, open_desk, say

from agent_patterns.approval import approve
from agent_patterns.approval.errors import AlreadyDecided

path, ticket, person = sys.argv[1:]
desk = open_desk(path)
say("ready")
hear()
try:
    desk.decide(ticket, approve(), by=person)
    say("won")
except AlreadyDecided:
    say("AlreadyDecided")
