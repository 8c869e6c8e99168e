"""Answers to module 05's exercises."""

from tests.lessons.cases import Cases

from courseware.lessons import exercise

EMAIL_SOLUTION, CHAIN_SOLUTION, DESK_SOLUTION = (
    exercise(f"05.{number}").solution_code for number in (1, 2, 3)
)


def but(solution: str, *changes: tuple[str, str]) -> str:
    """The solution with some of its text replaced; every replacement must find its place."""
    for old, new in changes:
        assert old in solution, old
        solution = solution.replace(old, new)
    return solution


COMMAND_AND_LEDGER = """
import tempfile
from pathlib import Path

from agent_patterns.approval import ApprovalLedger, ask


class State(TypedDict, total=False):
    to: str
    letter: str
    review: dict


def build_email_agent(draft, send):
    ledger = ApprovalLedger(Path(tempfile.mkdtemp()) / "ledger.sqlite")

    def write(state):
        said = state.get("review", {"message": ""})["message"]
        return Command(goto="look", update={"letter": draft(state["to"], said)})

    def look(state):
        args = {"to": state["to"], "letter": state["letter"]}
        review = ask({"action": "send_email", "args": args}, key=f"to {state['to']}", ledger=ledger)
        return Command(goto="post" if review["approved"] else "write", update={"review": review})

    def post(state):
        review = state["review"]
        effect = lambda args, key: send(args["to"], args["letter"])
        ledger.execute(review["key"], review["action"], effect)
        return {}

    builder = StateGraph(State).add_node(post)
    builder.add_node("look", look, destinations=("post", "write"))
    builder.add_node("write", write, destinations=("look",)).add_edge(START, "write")
    return builder.compile(checkpointer=InMemorySaver())
"""

ONE_NODE = """
def build_email_agent(draft, send):
    def everything(state):
        letter = draft(state["to"], "")
        args = {"to": state["to"], "letter": letter}
        decision = interrupt({"action": "send_email", "args": args})
        if decision["type"] == "approve":
            send(state["to"], letter)
        elif decision["type"] == "edit":
            send(**decision["edited_action"]["args"])
        return {}

    class State(TypedDict, total=False):
        to: str

    builder = StateGraph(State).add_node(everything).add_edge(START, "everything")
    return builder.compile(checkpointer=InMemorySaver())
"""

SENDS_WHERE_IT_ASKS = """
def build_email_agent(draft, send):
    def write(state: Email) -> Email:
        return {"letter": draft(state["to"], state.get("feedback", ""))}

    def look(state: Email) -> Command[Literal["write", "__end__"]]:
        args = {"to": state["to"], "letter": state["letter"]}
        decision = interrupt({"action": "send_email", "args": args})
        if decision["type"] == "reject":
            return Command(goto="write", update={"feedback": decision["message"]})
        send(**decision.get("edited_action", {"args": args})["args"])
        return Command(goto=END)


    builder = StateGraph(Email).add_node(write).add_node(look)
    builder.add_edge(START, "write").add_edge("write", "look")
    return builder.compile(checkpointer=InMemorySaver())


class Email(TypedDict, total=False):
    to: str
    letter: str
    feedback: str
"""

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

CASES = {
    "approve_an_email": Cases(
        right=[COMMAND_AND_LEDGER, SENDS_WHERE_IT_ASKS],
        wrong=[
            (
                "returns-nothing",
                "def build_email_agent(draft, send):\n    builder = StateGraph(dict)",
            ),
            ("drafts-again-on-resume", ONE_NODE),
            (
                "no-checkpointer",
                but(EMAIL_SOLUTION, ("compile(checkpointer=InMemorySaver())", "compile()")),
            ),
            (
                "sends-before-approval",
                but(
                    EMAIL_SOLUTION,
                    (
                        'return {"letter": draft(state["to"], feedback)}',
                        'send("", ""); return {"letter": draft(state["to"], feedback)}',
                    ),
                ),
            ),
            (
                "asks-nobody",
                but(
                    EMAIL_SOLUTION,
                    ("interrupt(request)", "{}"),
                    (
                        'if decision["type"] == "reject":',
                        "if not decision: return Command(goto=END)\n        if False:",
                    ),
                ),
            ),
            (
                "does-not-show-the-letter",
                but(EMAIL_SOLUTION, ("interrupt(request)", 'interrupt("Send it?")')),
            ),
            (
                "ignores-the-edit",
                but(EMAIL_SOLUTION, ('["type"] == "edit"', '["type"] == "never"')),
            ),
            (
                "ignores-the-rejection",
                but(EMAIL_SOLUTION, ('if decision["type"] == "reject":', "if False:")),
            ),
            ("a-no-ends-it", but(EMAIL_SOLUTION, ('goto="write"', "goto=END"))),
            (
                "asks-again-with-the-same-letter",
                but(
                    EMAIL_SOLUTION,
                    ('goto="write"', 'goto="ask"'),
                    ('Literal["write", "deliver"]', 'Literal["ask", "deliver"]'),
                ),
            ),
            (
                "forgets-the-reason",
                but(EMAIL_SOLUTION, ('draft(state["to"], feedback)', 'draft(state["to"], "")')),
            ),
            (
                "sends-a-rejected-letter",
                but(
                    EMAIL_SOLUTION,
                    (
                        'return {"letter": draft(state["to"], feedback)}',
                        'return {"letter": draft(state["to"], feedback), "first": '
                        'state.get("first") or "Dear clara, this is draft number 1."}',
                    ),
                    ("    letter: str\n", "    letter: str\n    first: str\n"),
                    (
                        'args = {"to": state["to"], "letter": state["letter"]}\n        if',
                        'args = {"to": state["to"], "letter": state["first"]}\n        if',
                    ),
                ),
            ),
            (
                "mixes-up-two-threads",
                but(
                    EMAIL_SOLUTION,
                    (
                        'return {"letter": draft(state["to"], feedback)}',
                        'desk["letter"] = draft(state["to"], feedback); return {}',
                    ),
                    ('state["letter"]', 'desk["letter"]'),
                    ("    def write(", "    desk = {}\n\n    def write("),
                ),
            ),
            (
                "mixes-up-two-threads",
                but(
                    EMAIL_SOLUTION,
                    ('state.get("feedback", "")', 'desk.get("feedback", "")'),
                    (
                        'feedback = {"feedback": decision["message"]}',
                        'desk["feedback"] = decision["message"]',
                    ),
                    ('goto="write", update=feedback', 'goto="write"'),
                    ("    def write(", "    desk = {}\n\n    def write("),
                ),
            ),
            (
                "never-sends",
                but(EMAIL_SOLUTION, ("send(**args)", "args")),
            ),
            (
                "sends-twice",
                but(EMAIL_SOLUTION, ("send(**args)", "send(**args); send(**args)")),
            ),
        ],
        raised=[
            (
                "KeyError",
                but(EMAIL_SOLUTION, ('state["decision"]', 'state["answer"]')),
            )
        ],
    ),
    "role_chain": Cases(
        right=[LOOP_IN_ONE_NODE],
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
        right=[IN_A_TRANSACTION],
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
}
