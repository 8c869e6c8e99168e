"""Hold what earlier cells of the page import and define."""

import sqlite3

from agent_patterns.approval import AlreadyDecided
