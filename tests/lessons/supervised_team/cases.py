"""Answers to module 10's exercises."""

from tests.lessons.cases import Cases

from courseware.lessons import exercise

PARTS_SOLUTION, EMPTY_SOLUTION, CHECKER_SOLUTION = (
    exercise(f"10.{number}").solution_code for number in (1, 2, 3)
)


def but(solution: str, *changes: tuple[str, str]) -> str:
    """The solution with some of its text replaced; every replacement must find its place."""
    for old, new in changes:
        assert old in solution, old
        solution = solution.replace(old, new)
    return solution


BY_KIND = """
def add_fact_checker(agents, router, find_unsupported):
    found = []

    def check(assignment):
        (draft,) = assignment.material["draft"].values()
        found[:] = find_unsupported(draft)
        return "; ".join(found)

    def route(progress):
        drafts = checks = 0
        for turn in progress.turns:
            drafts += turn["kind"] == "task" and turn["to"] == "writer"
            checks += turn["kind"] == "task" and turn["to"] == "claims"
        if drafts > checks:
            return Route(next="claims")
        if found:
            found.clear()
            return Route(next="writer")
        return router(progress)

    member = Agent("claims", "reads against the sources", check, ("draft",), "feedback")
    return [member, *agents], route
"""

RENAMED = """
def add_fact_checker(agents, router, find_unsupported):
    class Wrapped:
        def __call__(self, progress):
            answers = [t for t in progress.turns if t["kind"] == "answer"]
            if answers and answers[-1]["sender"] == "writer":
                return Route(next="claims")
            if answers and answers[-1]["sender"] == "claims" and answers[-1]["text"].strip():
                return Route(next="writer", instructions="Remove what the checker lists.")
            return router(progress)

    def work(assignment):
        found = []
        for draft in assignment.material["draft"].values():
            found += find_unsupported(draft)
        return "\\n".join(found)

    return (*agents, Agent("claims", "checks claims", work, ("draft",), "feedback")), Wrapped()
"""

GEESE = but(
    CHECKER_SOLUTION,
    ("for c in find_unsupported(draft))", 'for c in draft.split(". ") if "geese" in c)'),
)

CASES = {
    "cut_the_tokens": Cases(
        right=[
            """
def visible_to(role):
    if role == "writer":
        return ["feedback", "draft", "notes"]
    return {"notes", "draft"} if role == "reviewer" else []
""",
            """
def visible_to(role):
    table = [("writer", "notes"), ("writer", "draft"), ("writer", "feedback"),
             ("reviewer", "notes"), ("reviewer", "draft")]
    return (kind for who, kind in table if who == role)
""",
        ],
        wrong=[
            ("returns-nothing", "def visible_to(role):\n    reads = ()"),
            ("returns-a-text", 'def visible_to(role):\n    return "notes"'),
            (
                "reads-too-much",
                'def visible_to(role):\n    return ("searches", "notes", "draft", "feedback")',
            ),
            ("writes-from-nothing", but(PARTS_SOLUTION, ('("notes", "draft", "feedback")', "()"))),
            (
                "never-hears-feedback",
                but(PARTS_SOLUTION, ('("notes", "draft", "feedback")', '("notes", "draft")')),
            ),
            ("reviews-blind", but(PARTS_SOLUTION, ('("notes", "draft"),', '("draft",),'))),
            (
                "reads-what-it-does-not-need",
                but(PARTS_SOLUTION, ('"researcher": ()', '"researcher": ("searches",)')),
            ),
        ],
        cheats=["def visible_to(role):\n    return ()"],
    ),
    "refuse_an_empty_page": Cases(
        right=[
            """
def status_of(page, ids):
    cited = []
    for piece in page.split("[")[1:]:
        cited += [one.strip() for one in piece.split("]")[0].split(",")]
    if not cited or any(one not in ids for one in cited):
        return "no source"
    return "done"
""",
            """
import re


def status_of(page, ids):
    cited = re.findall(r"[\\w-]+", " ".join(re.findall(r"\\[(.*?)\\]", page)))
    return "done" if len(cited) > 0 and not set(cited) - ids else "no source"
""",
        ],
        wrong=[
            ("returns-nothing", "def status_of(page, ids):\n    cited = ids"),
            ("accepts-an-empty-page", "def status_of(page, ids):\n    return 'done'"),
            (
                "accepts-a-page-without-sources",
                "def status_of(page, ids):\n    return 'done' if page else 'no source'",
            ),
            (
                "takes-a-mention-for-a-citation",
                "def status_of(page, ids):\n"
                "    return 'done' if any(i in page for i in ids) else 'no source'",
            ),
            (
                "trusts-any-id",
                "def status_of(page, ids):\n    return 'done' if '[' in page else 'no source'",
            ),
            (
                "is-content-with-one-good-id",
                but(EMPTY_SOLUTION, ("cited and cited <= set(ids)", "cited & set(ids)")),
            ),
            (
                "misses-shared-brackets",
                but(
                    EMPTY_SOLUTION,
                    (
                        'part.strip() for inside in brackets for part in inside.split(",")',
                        "inside for inside in brackets",
                    ),
                ),
            ),
            (
                "knows-ids-by-their-shape",
                but(
                    EMPTY_SOLUTION, (r'r"\[([^\]]*)\]"', r'r"\[([a-z]+-\d\d(?:, [a-z]+-\d\d)*)\]"')
                ),
            ),
            ("another-status", but(EMPTY_SOLUTION, ('else "no source"', 'else "refused"'))),
        ],
        cheats=[
            "def status_of(page, ids):\n"
            "    return 'done' if '[ship-' in page or '[pen-' in page else 'no source'",
        ],
    ),
    "fact_checker": Cases(
        right=[BY_KIND, RENAMED],
        wrong=[
            (
                "returns-nothing",
                "def add_fact_checker(agents, router, find_unsupported):\n    more = list(agents)",
            ),
            (
                "never-checks",
                but(
                    CHECKER_SOLUTION,
                    ("return [*agents, checker], route", "return [*agents, checker], router"),
                ),
            ),
            (
                "does-not-check-every-draft",
                but(
                    CHECKER_SOLUTION,
                    (
                        'if last["sender"] == "writer":',
                        'checked = any(t["sender"] == "fact_checker" for t in worked)\n'
                        '        if last["sender"] == "writer" and not checked:',
                    ),
                ),
            ),
            (
                "keeps-it-to-itself",
                but(CHECKER_SOLUTION, ('produces="feedback"', 'produces="facts"')),
            ),
            (
                "names-no-claim",
                but(
                    CHECKER_SOLUTION,
                    (
                        "return [*agents, checker], route",
                        "from dataclasses import replace\n"
                        "    found = checker.work\n"
                        "    vague = lambda a: 'Some claims have no source.' if found(a) else ''\n"
                        "    checker = replace(checker, work=vague)\n"
                        "    return [*agents, checker], route",
                    ),
                ),
            ),
            (
                "changes-the-others",
                but(
                    CHECKER_SOLUTION,
                    ('produces="feedback"', 'produces="facts"'),
                    (
                        "return [*agents, checker], route",
                        "from dataclasses import replace\n"
                        '    agents = [replace(a, reads=(*a.reads, "facts")) for a in agents]\n'
                        "    return [*agents, checker], route",
                    ),
                ),
            ),
            (
                "sees-too-much",
                but(CHECKER_SOLUTION, ('reads=("draft",)', 'reads=("notes", "draft", "feedback")')),
            ),
            (
                "never-finishes",
                but(
                    CHECKER_SOLUTION, ('== "fact_checker" and last["text"]:', '== "fact_checker":')
                ),
            ),
            (
                "reviews-unchecked-drafts",
                but(
                    CHECKER_SOLUTION,
                    ('if last["sender"] == "writer":', 'if last["sender"] == "reviewer":'),
                    (
                        "return router(progress)",
                        'return Route(next="FINISH") if last["sender"] == "fact_checker" '
                        "else router(progress)",
                    ),
                ),
            ),
            (
                "ignores-the-old-router",
                but(
                    CHECKER_SOLUTION,
                    (
                        "return router(progress)",
                        'order = {"": "researcher", "researcher": "writer",'
                        ' "fact_checker": "reviewer"}\n'
                        '        return Route(next=order.get(last["sender"], "FINISH"))',
                    ),
                ),
            ),
            (
                "answers-with-a-list",
                but(
                    CHECKER_SOLUTION,
                    (
                        'return "\\n".join(f"Remove this, no source says it: {c}" for c in '
                        "find_unsupported(draft))",
                        "return find_unsupported(draft)",
                    ),
                ),
            ),
            (
                "checks-a-dictionary",
                but(
                    CHECKER_SOLUTION,
                    (
                        'draft = "\\n".join(assignment.material["draft"].values())',
                        'draft = assignment.material["draft"]',
                    ),
                ),
            ),
            (
                "answers-although-it-found-nothing",
                but(
                    CHECKER_SOLUTION,
                    (
                        "for c in find_unsupported(draft))",
                        'for c in find_unsupported(draft)) or "OK"',
                    ),
                    ('and last["text"]:', 'and last["text"] != "OK":'),
                ),
            ),
            (
                "remembers-the-last-run",
                but(
                    CHECKER_SOLUTION,
                    ("    def route(progress):", "    seen = set()\n\n    def route(progress):"),
                    (
                        'if last["sender"] == "writer":',
                        'if last["sender"] == "writer" and last["text"] not in seen:\n'
                        '            seen.add(last["text"])',
                    ),
                ),
            ),
            (
                "checks-outside-the-agent",
                but(
                    CHECKER_SOLUTION,
                    (
                        "    def route(progress):",
                        '    checker = Agent("fact_checker", "checks", lambda a: "", ("draft",),'
                        ' "feedback")\n\n    def route(progress):',
                    ),
                    (
                        'if last["sender"] == "fact_checker" and last["text"]:',
                        'drafts = [t["text"] for t in worked if t["sender"] == "writer"]\n'
                        '        if last["sender"] == "fact_checker" and'
                        " find_unsupported(drafts[-1]):",
                    ),
                ),
            ),
            (
                "researches-again",
                but(CHECKER_SOLUTION, ('Route(next="writer")', 'Route(next="researcher")')),
            ),
            (
                "changes-the-callers-list",
                but(
                    CHECKER_SOLUTION,
                    (
                        "return [*agents, checker], route",
                        "agents.append(checker)\n    return agents, route",
                    ),
                ),
            ),
            (
                "returns-no-pair",
                but(
                    CHECKER_SOLUTION,
                    ("return [*agents, checker], route", "return route, [*agents, checker]"),
                ),
            ),
            (
                "checks-without-the-sources",
                but(CHECKER_SOLUTION, ("find_unsupported(draft)", "[draft]")),
            ),
            (
                "adds-no-agent",
                but(CHECKER_SOLUTION, ("return [*agents, checker]", "return [*agents, check]")),
            ),
        ],
        raised=[
            (
                "It happened in `check`, line 8 of the cell: `raise KeyError",
                but(
                    CHECKER_SOLUTION,
                    (
                        '        draft = "\\n".join',
                        '        raise KeyError("geese")\n        draft = "\\n".join',
                    ),
                ),
            )
        ],
        cheats=[GEESE],
    ),
}
