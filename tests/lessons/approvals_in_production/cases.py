"""Answers to lesson 07's exercises."""

from tests.lessons.cases import Cases

from courseware.lessons import exercise

CHAIN_SOLUTION, DESK_SOLUTION, API_SOLUTION = (
    exercise(f"07.{number}").solution_code for number in (1, 2, 3)
)


def but(solution: str, *changes: tuple[str, str]) -> str:
    """The solution with some of its text replaced; every replacement must find its place."""
    for old, new in changes:
        assert old in solution, old
        solution = solution.replace(old, new)
    return solution


LOOP_IN_ONE_NODE = """
class State(TypedDict, total=False):
    kind: str
    outcome: str


def build_role_chain(chains):
    def all_steps(state):
        for role in chains[state["kind"]]:
            while True:
                answer = interrupt({"waits_for": role, "kind": state["kind"]})
                if answer["role"] == role:
                    break
            if answer["type"] == "reject":
                return {"outcome": "rejected"}
        return {"outcome": "released"}

    builder = StateGraph(State).add_node(all_steps).add_edge(START, "all_steps")
    return builder.compile(checkpointer=InMemorySaver())
"""

CHAIN_BY_COMMAND = """
from langgraph.types import Command


def build_role_chain(chains):
    def ask(state):
        step, roles = state.get("step", 0), chains[state["kind"]]
        answer = interrupt({"waits_for": roles[step], "kind": state["kind"]})
        if answer["role"] != roles[step]:
            return Command(goto="ask")
        if answer["type"] == "reject":
            return Command(goto=END, update={"outcome": "rejected"})
        if step + 1 < len(roles):
            return Command(goto="ask", update={"step": step + 1})
        return Command(goto=END, update={"outcome": "released"})

    builder = StateGraph(Release).add_node("ask", ask, destinations=("ask", END))
    return builder.add_edge(START, "ask").compile(checkpointer=InMemorySaver())


class Release(TypedDict, total=False):
    kind: str
    step: int
    outcome: str
"""

DESK_WITH_STORED_TIMES = """
class Desk:
    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS r (id INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT,"
            " lead_from REAL, ends REAL, said TEXT)"
        )

    def submit(self, data, now):
        row = (data, now + 1800, now + 28800)
        return self.db.execute(
            "INSERT INTO r (data, lead_from, ends) VALUES (?, ?, ?)", row
        ).lastrowid

    def pending(self, now):
        rows = self.db.execute(
            "SELECT id, data, lead_from <= ? FROM r WHERE said IS NULL AND ends > ?", (now, now)
        ).fetchall()
        return [(id, data, ("billing", "lead")[: 1 + late]) for id, data, late in rows]

    def decide(self, id, role, decision, now):
        roles = {each[0]: each[2] for each in self.pending(now)}
        if id in roles and role not in roles[id]:
            raise PermissionError(role)
        changed = self.db.execute(
            "UPDATE r SET said = ? WHERE id = ? AND said IS NULL AND ends > ?", (decision, id, now)
        )
        if not changed.rowcount:
            raise AlreadyDecided(str(id))
"""

JSON_FILE = """
import json


class Desk:
    def __init__(self, path):
        self.path = path

    def read(self):
        if not self.path.exists():
            return []
        return json.loads(self.path.read_text(encoding="utf-8"))

    def write(self, rows):
        self.path.write_text(json.dumps(rows), encoding="utf-8")

    def submit(self, data, now):
        rows = self.read()
        self.write([*rows, {"data": data, "at": now, "status": None}])
        return f"R{len(rows) + 1}"

    def pending(self, now):
        waiting = []
        for number, row in enumerate(self.read(), 1):
            age = now - row["at"]
            if row["status"] is None and age < 28800:
                roles = {"billing"} | ({"lead"} if age >= 1800 else set())
                waiting.append((f"R{number}", row["data"], roles))
        return waiting

    def decide(self, id, role, decision, now):
        open_ones = {number: roles for number, _, roles in self.pending(now)}
        if id not in open_ones:
            raise AlreadyDecided(id)
        if role not in open_ones[id]:
            raise PermissionError(role)
        rows = self.read()
        rows[int(id[1:]) - 1]["status"] = decision
        self.write(rows)
"""

IN_A_TRANSACTION = """
from contextlib import closing


class Desk:
    def __init__(self, path):
        self.path = path
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS r (id INTEGER PRIMARY KEY, data, at, decision)")

    def submit(self, data, now):
        with closing(sqlite3.connect(self.path)) as db, db:
            return db.execute("INSERT INTO r (data, at) VALUES (?, ?)", (data, now)).lastrowid

    def roles(self, at, now):
        return {"billing", "lead"} if now - at >= 1800 else {"billing"}

    def pending(self, now):
        with closing(sqlite3.connect(self.path)) as db:
            rows = db.execute("SELECT id, data, at FROM r WHERE decision IS NULL").fetchall()
        return [(id, data, self.roles(at, now)) for id, data, at in rows if now - at < 28800]

    def decide(self, id, role, decision, now):
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            at, decided = db.execute("SELECT at, decision FROM r WHERE id = ?", (id,)).fetchone()
            if decided or now - at >= 28800:
                raise AlreadyDecided(id)
            if role not in self.roles(at, now):
                raise PermissionError(role)
            db.cursor().execute("UPDATE r SET decision = ? WHERE id = ?", (decision, id))
            db.execute("COMMIT")
"""

IN_MEMORY = """
class Desk:
    def __init__(self, path):
        self.rows = {}

    def submit(self, data, now):
        self.rows[len(self.rows) + 1] = [data, now, "waiting"]
        return len(self.rows)

    def roles(self, at, now):
        return ["billing", "lead"] if now - at >= 1800 else ["billing"]

    def pending(self, now):
        return [
            (id, data, self.roles(at, now))
            for id, (data, at, status) in self.rows.items()
            if status == "waiting" and now - at < 28800
        ]

    def decide(self, id, role, decision, now):
        data, at, status = self.rows[id]
        if status != "waiting" or now - at >= 28800:
            raise AlreadyDecided(id)
        if role not in self.roles(at, now):
            raise PermissionError(role)
        self.rows[id][2] = decision
"""

API_WITH_SQLITE = """
import sqlite3
import threading
from fastapi.responses import JSONResponse


def build_api(pay):
    db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    db.execute("CREATE TABLE r (id TEXT PRIMARY KEY, said TEXT)")
    one_at_a_time = threading.Lock()

    def run(sql, *values):
        with one_at_a_time:
            return db.execute(sql, values).rowcount

    app = FastAPI()

    @app.post("/requests/{id}")
    def add(id: str):
        new = run("INSERT OR IGNORE INTO r VALUES (?, NULL)", id)
        return JSONResponse({}, 201 if new else 409)

    @app.post("/requests/{id}/approve")
    def approve(id: str):
        return settle(id, "approve")

    @app.post("/requests/{id}/reject")
    def reject(id: str):
        return settle(id, "reject")

    def settle(id, verb):
        if not run("UPDATE r SET said = ? WHERE id = ? AND said IS NULL", verb, id):
            return JSONResponse({}, 409 if run("UPDATE r SET id = id WHERE id = ?", id) else 404)
        if verb == "approve":
            pay(id)
        return JSONResponse({})

    return app
"""

API_WITH_POP = """
def build_api(pay):
    app, known, waiting = FastAPI(), {}, {}

    @app.post("/requests/{id}", status_code=201)
    def add(id: str):
        mine = object()
        if known.setdefault(id, mine) is not mine:
            raise HTTPException(409)
        waiting[id] = True

    @app.post("/requests/{id}/{verb}")
    def decide(id: str, verb: str):
        if verb not in ("approve", "reject") or id not in known:
            raise HTTPException(404)
        if not waiting.pop(id, False):
            raise HTTPException(409)
        if verb == "approve":
            pay(id)

    return app
"""

CASES = {
    "role_chain": Cases(
        right=[LOOP_IN_ONE_NODE, CHAIN_BY_COMMAND],
        cheats=[
            but(
                CHAIN_SOLUTION,
                (
                    'chains[state["kind"]]',
                    '{"refund": ["billing"], "discount_code": ["technical", "billing"],'
                    ' "export_customers": ["technical", "billing", "security"]}[state["kind"]]',
                ),
            )
        ],
        wrong=[
            ("returns-nothing", "def build_role_chain(chains):\n    builder = StateGraph(dict)"),
            (
                "accepts-any-role",
                but(CHAIN_SOLUTION, ('if answer["role"] != roles[step]:', "if False:")),
            ),
            (
                "mixes-up-two-requests",
                but(
                    CHAIN_SOLUTION,
                    ("    def ask(", '    box = {"step": 0}\n\n    def ask('),
                    ('state.get("step", 0)', 'box["step"]'),
                    (
                        'return {"outcome": "rejected"}',
                        'box["step"] = 0; return {"outcome": "rejected"}',
                    ),
                    (
                        'return {"outcome": "released"}',
                        'box["step"] = 0; return {"outcome": "released"}',
                    ),
                    ('return {"step": step + 1}', 'box["step"] = step + 1; return {}'),
                ),
            ),
            (
                "accepts-any-role",
                but(
                    CHAIN_SOLUTION,
                    (
                        'if answer["role"] != roles[step]:',
                        'if not step and answer["role"] != roles[0]:',
                    ),
                ),
            ),
            (
                "accepts-any-role",
                but(
                    CHAIN_SOLUTION,
                    (
                        'if answer["role"] != roles[step]:',
                        'if answer["role"] not in roles[:step + 1]:',
                    ),
                ),
            ),
            (
                "accepts-any-role",
                but(
                    CHAIN_SOLUTION,
                    (
                        'if answer["role"] != roles[step]:',
                        "known = {role for chain in chains.values() for role in chain}\n"
                        '        if answer["role"] in known - {roles[step]}:',
                    ),
                ),
            ),
            (
                "wrong-role-ends-it",
                but(CHAIN_SOLUTION, ('return {"step": step}', 'return {"outcome": "refused"}')),
            ),
            (
                "releases-too-early",
                but(CHAIN_SOLUTION, ("if step + 1 == len(roles):", "if True:")),
            ),
            (
                "wrong-order",
                but(CHAIN_SOLUTION, ('chains[state["kind"]]', 'sorted(chains[state["kind"]])')),
            ),
            (
                "rejection-does-not-end-it",
                but(CHAIN_SOLUTION, ('if answer["type"] == "reject":', "if False:")),
            ),
            (
                "releases-what-was-rejected",
                but(CHAIN_SOLUTION, ('{"outcome": "rejected"}', '{"outcome": "released"}')),
            ),
            (
                "no-checkpointer",
                but(CHAIN_SOLUTION, ("compile(checkpointer=InMemorySaver())", "compile()")),
            ),
            (
                "does-not-say-who",
                but(
                    CHAIN_SOLUTION,
                    (
                        'interrupt({"waits_for": roles[step], "kind": state["kind"]})',
                        'interrupt("Approve?")',
                    ),
                ),
            ),
        ],
    ),
    "desk_with_escalation": Cases(
        right=[IN_A_TRANSACTION, DESK_WITH_STORED_TIMES],
        cheats=[but(DESK_SOLUTION, ("now - at >= 30 * 60 else", "now >= 30 * 60 else"))],
        wrong=[
            (
                "returns-nothing",
                "class Desk:\n    def __init__(self, path): ...\n"
                "    def submit(self, data, now): self.data = data\n",
            ),
            ("kept-in-memory", IN_MEMORY),
            ("no-sqlite-file", JSON_FILE),
            (
                "looks-then-writes",
                but(
                    DESK_SOLUTION,
                    (
                        "        changed = self.db.execute(",
                        "        if id not in [open[0] for open in self.pending(now)]:\n"
                        '            raise AlreadyDecided("decided or expired")\n'
                        "        changed = self.db.execute(",
                    ),
                    (
                        "WHERE id = ? AND status = 'waiting' AND at > ?",
                        "WHERE id = ? AND at > ?",
                    ),
                ),
            ),
            (
                "accepts-any-role",
                but(
                    DESK_SOLUTION,
                    ("if now - at < 8 * 3600 and role not in", "if role not in"),
                    (
                        "role not in self.roles(at, now)",
                        "False",
                    ),
                ),
            ),
            (
                "accepts-any-role",
                but(
                    DESK_SOLUTION,
                    (
                        "role not in self.roles(at, now)",
                        "role == 'lead' and 'lead' not in self.roles(at, now)",
                    ),
                ),
            ),
            (
                "forgets-the-decision",
                but(
                    DESK_SOLUTION,
                    ("(decision, id, now - 8 * 3600)", "('done', id, now - 8 * 3600)"),
                ),
            ),
            (
                "forgets-the-decision",
                but(
                    DESK_SOLUTION,
                    ("(decision, id, now - 8 * 3600)", "('approved', id, now - 8 * 3600)"),
                ),
            ),
            (
                "never-escalates",
                but(DESK_SOLUTION, ("if now - at >= 30 * 60 else", "if now - at >= 1e9 else")),
            ),
            (
                "escalation-locks-out",
                but(DESK_SOLUTION, ('["billing", "lead"] if', '["lead"] if')),
            ),
            (
                "expired-still-waits",
                but(
                    DESK_SOLUTION,
                    (
                        "WHERE id = ? AND status = 'waiting' AND at > ?",
                        "WHERE id = ? AND status = 'waiting' AND ? > -1e9",
                    ),
                ),
            ),
            (
                "decided-twice",
                but(
                    DESK_SOLUTION,
                    (
                        "WHERE id = ? AND status = 'waiting' AND at > ?",
                        "WHERE id = ? AND at > ?",
                    ),
                ),
            ),
            (
                "ids-collide",
                but(DESK_SOLUTION, ("return cursor.lastrowid", "return f'request-{int(now)}'")),
            ),
            (
                "decision-is-lost",
                but(DESK_SOLUTION, ("SET status = ?", "SET data = ?")),
            ),
        ],
    ),
    "decide_once": Cases(
        right=[API_WITH_SQLITE, API_WITH_POP],
        wrong=[
            ("returns-nothing", "def build_api(pay):\n    app = FastAPI()"),
            ("refuses-a-request", but(API_SOLUTION, ("status_code=201", "status_code=202"))),
            ("accepts-an-id-twice", but(API_SOLUTION, ("if id in status:", "if False:"))),
            ("decides-the-unknown", but(API_SOLUTION, ("if id not in status:", "if not id:"))),
            (
                "decides-the-unknown",
                but(API_SOLUTION, ('404, "there is', '409, "there is')),
            ),
            ("any-verb", but(API_SOLUTION, ('if verb not in ("approve", "reject"):', "if False:"))),
            (
                "decides-twice",
                but(API_SOLUTION, ('if status[id] != "waiting":', "if status[id] == verb:")),
            ),
            ("decides-twice", but(API_SOLUTION, ("HTTPException(409, f", "HTTPException(403, f"))),
            ("pays-something-else", but(API_SOLUTION, ('if verb == "approve":', "if verb:"))),
            (
                "looks-then-pays",
                but(
                    API_SOLUTION,
                    ("            status[id] = verb\n", ""),
                    ("            pay(id)", "            pay(id)\n        status[id] = verb"),
                ),
            ),
            (
                "waits-for-the-payment",
                but(
                    API_SOLUTION,
                    (
                        '        if verb == "approve":\n            pay(id)',
                        '            if verb == "approve":\n                pay(id)',
                    ),
                ),
            ),
            (
                "decides-again-after-a-failure",
                but(
                    API_SOLUTION,
                    (
                        "            pay(id)",
                        "            try:\n                pay(id)\n            except Exception:\n"
                        '                status[id] = "waiting"\n                raise',
                    ),
                ),
            ),
        ],
        cheats=[
            but(
                API_SOLUTION,
                ("            pay(id)", "            pay(id) if id not in paid else None"),
                ('if status[id] != "waiting":', 'if status[id] != "waiting" and paid.append(id):'),
                ("    status: dict", "    paid: list[str] = []\n    status: dict"),
            )
        ],
    ),
}
