"""Solve: A desk with escalation."""

import sqlite3

from agent_patterns.approval import AlreadyDecided


class Desk:
    """Requests in a SQLite file; times are seconds.

    Roles: billing at once, the lead as well after 30 minutes; after 8 hours a request has expired.
    Two desks may have the same file open and decide at once: one of them gets AlreadyDecided.
    """

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS requests"
            " (id INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT, at REAL,"
            "  status TEXT DEFAULT 'waiting')"
        )

    def submit(self, data, now):
        cursor = self.db.execute("INSERT INTO requests (data, at) VALUES (?, ?)", (data, now))
        return cursor.lastrowid

    def pending(self, now):
        rows = self.db.execute(
            "SELECT id, data, at FROM requests WHERE status = 'waiting' AND at > ?",
            (now - 8 * 3600,),
        )
        return [(id, data, self.roles(at, now)) for id, data, at in rows]

    def roles(self, at, now):
        return ["billing", "lead"] if now - at >= 30 * 60 else ["billing"]

    def decide(self, id, role, decision, now):
        (at,) = self.db.execute("SELECT at FROM requests WHERE id = ?", (id,)).fetchone()
        if now - at < 8 * 3600 and role not in self.roles(at, now):
            raise PermissionError(f"{role} may not decide request {id} yet")
        changed = self.db.execute(
            "UPDATE requests SET status = ? WHERE id = ? AND status = 'waiting' AND at > ?",
            (decision, id, now - 8 * 3600),
        )
        if changed.rowcount == 0:
            raise AlreadyDecided(f"request {id} is decided or has expired")
