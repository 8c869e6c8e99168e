"""Answers to lesson 15's exercises."""

from tests.lessons.cases import Cases

ANSWER = """
def answer(desk, work, text):
    if desk["state"] == "processing":
        return "busy"
    desk["state"] = "processing"
    {body}
"""


def body(*lines: str) -> str:
    return ANSWER.format(body="\n    ".join(lines))


GOOD = (
    "try:",
    "    result = work(text)",
    "except Exception as error:",
    '    desk.update(state="error", error=repr(error))',
    '    return "Sorry"',
    'desk["state"] = "idle"',
    "return result",
)

CANCEL = "def with_cancel(rows):\n    {}"


def cancel(sources: str, target: str = "idle", action: str = ", action=forget") -> str:
    row = f'Transition({sources}, "cancel", "{target}"{action})'
    return CANCEL.format(f"return [*rows, {row}]")


SEARCH = """
def unapproved(edges, start, goal, approve, revoke):
    ways, seen = deque([(start, False, [])]), set()
    while ways:
        state, valid, way = ways.{take}()
        if {reached}:
            return {result}
        if {known} in seen:
            continue
        seen.add({known})
        for a, event, b in edges:
            if a == state:
                ways.append((b, {valid}, [*way, {kept}]))
"""


def search(**changes: str) -> str:
    parts = {
        "take": "popleft",
        "reached": "state == goal and not valid",
        "result": "way",
        "known": "(state, valid)",
        "valid": "(valid or event == approve) and event not in revoke",
        "kept": "event",
    }
    return SEARCH.format(**{**parts, **changes})


CASES = {
    "out_of_processing": Cases(
        right=[
            body(*GOOD),
            """
from contextlib import contextmanager

@contextmanager
def at_work(desk):
    desk["state"] = "processing"
    try:
        yield
    except Exception as error:
        desk["state"] = "error"
        desk["error"] = f"{type(error).__name__}: {error}"
    else:
        desk["state"] = "idle"

def answer(desk, work, text):
    if desk["state"] == "processing":
        return "busy"
    with at_work(desk):
        return work(text)
    return "Sorry"
""",
        ],
        wrong=[
            (
                "stuck-after-an-exception",
                body("result = work(text)", 'desk["state"] = "idle"', "return result"),
            ),
            (
                "hides-the-failure",
                body(
                    "try:", "    return work(text)", "except Exception:", '    return "Sorry"',
                    "finally:", '    desk["state"] = "idle"',
                ),
            ),
            ("stuck-after-an-exception", body(*GOOD).replace("Exception", "ConnectionError")),
            ("says-not-why", body(*GOOD[:3], '    desk["state"] = "error"', *GOOD[4:])),
            ("no-sorry", body(*GOOD[:4], "    return None", *GOOD[5:])),
            ("never-leaves-processing", body(*GOOD[:5], "return result")),
            ("stuck-in-error", body(*GOOD).replace('== "processing"', '!= "idle"')),
            ("not-busy", body(*GOOD).replace('return "busy"', "pass")),
            ("works-in-another-state", body('desk["state"] = "idle"', *GOOD)),
        ],
        cheats=[
            """
def answer(desk, work, text):
    if desk["state"] == "processing":
        return "busy"
    desk["state"] = "error" if "fault" in text or text == "Hello?" else "idle"
    return "Sorry" if desk["state"] == "error" else f"reply to {text}"
""",
        ],
    ),
    "add_cancellation": Cases(
        right=[
            cancel('["waiting", "listening"]'),
            CANCEL.format(
                'new = [Transition(state, "cancel", "idle", action=lambda data, value: {'
                '"approach": None, "timeline": None, "letter": None, "complaint": ""})'
                ' for state in ("listening", "waiting")]\n    return list(rows) + new'
            ),
        ],
        wrong=[
            ("not-everywhere", cancel('"listening"')),
            ("not-everywhere", cancel('"waiting"')),
            ("keeps-answers", cancel('["listening", "waiting"]', action="")),
            ("stops-what-is-on-its-way", cancel('["listening", "waiting", "acting"]')),
            ("stops-what-is-on-its-way", cancel('["listening", "processing", "waiting"]')),
            ("hides-an-error", cancel('["listening", "waiting", "error"]')),
            ("cancels-nothing", cancel('["idle", "listening", "waiting"]')),
            ("leads-elsewhere", cancel('["listening", "waiting"]', "listening")),
            ("leads-elsewhere", cancel('["listening", "waiting"]', action=", action=lambda d: {}")),
            ("table-cannot-work", cancel('["listening", "wating"]')),
            (
                "changes-the-given-rows",
                CANCEL.format(
                    'rows.append(Transition(["listening", "waiting"], "cancel", "idle",'
                    " action=forget))\n    return rows"
                ),
            ),
            (
                "table-cannot-work",
                CANCEL.format(
                    'return [Transition(["listening", "waiting"], "cancel", "idle", action=forget)]'
                ),
            ),
            (
                "loses-rows",
                CANCEL.format(
                    'return [Transition(row.sources, "cancel", "idle", action=forget)'
                    ' if row.event == "start_over" else row for row in rows]'
                ),
            ),
            ("returns-no-rows", CANCEL.format('return Transition("listening", "cancel", "idle")')),
            ("returns-no-rows", CANCEL.format('return [*rows, ("waiting", "cancel", "idle")]')),
            ("keeps-answers", cancel('["listening", "waiting"]', action=", forget")),
        ],
        cheats=[CANCEL.format("return rows")],
    ),
    "prove_approval": Cases(
        right=[
            search(),
            """
def unapproved(edges, start, goal, approve, revoke):
    level = {(start, False): []}
    seen = dict(level)
    while level:
        if (goal, False) in level:
            return level[goal, False]
        following = {}
        for (state, valid), way in level.items():
            for a, event, b in edges:
                pair = b, event not in revoke and (valid or event == approve)
                if a == state and pair not in seen:
                    seen[pair] = following[pair] = way + [event]
        level = following
    return None
""",
            """
def unapproved(edges, start, goal, approve, revoke):
    best = {(start, False): ()}
    changed = True
    while changed:
        changed = False
        for a, event, b in edges:
            for valid in (False, True):
                if (a, valid) in best:
                    pair = (b, False if event in revoke else True if event == approve else valid)
                    way = (*best[a, valid], event)
                    if pair not in best or len(way) < len(best[pair]):
                        best[pair], changed = way, True
    return best.get((goal, False))
""",
        ],
        wrong=[
            ("sees-what-is-not-there", search(reached="state == goal")),
            ("keeps-an-old-approval", search(valid="valid or event == approve")),
            ("keeps-an-old-approval",
             search(known="state", reached="state == goal")
             .replace("if a == state:", "if a == state and event != approve:")),
            ("visits-a-state-once", search(known="state")),
            ("not-the-shortest", search(take="pop")),
            ("returns-no-events", search(kept="b")),
            ("returns-no-events", search(kept='f"{event} → {b}"')),
            ("misses-a-way", search(reached="len(way) > 12 or state == goal and not valid",
                                    result="None if len(way) > 12 else way")),
            ("returns-no-list", search(result="len(way)")),
            ("misses-a-way", search(reached="state == goal and len(way) < 3")),
        ],
        cheats=[
            "def unapproved(edges, start, goal, *_):\n    return [] if start == goal else None",
            'def unapproved(edges, start, goal, *events):\n    return ["exception", "retry"]',
        ],
    ),
}  # fmt: skip
