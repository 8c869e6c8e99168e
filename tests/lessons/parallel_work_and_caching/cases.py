"""Answers to lesson 13's exercises."""

from tests.lessons.cases import Cases

GATHER = """
import asyncio

async def report(weather, cities):
    results = await asyncio.gather(*map(weather, cities), return_exceptions=True)
    pairs = list(zip(cities, results))
    {last}
"""

GRAPH = """
class Reading(TypedDict, total=False):
    documents: list[str]
    outcomes: {outcomes}
    results: list
    failed: list

def build(work):
    def gather(state: Reading):
        outcomes = Outcomes(state["outcomes"])
        return {gathered}
    builder = StateGraph(Reading).add_node("work", {node}).add_node("gather", gather)
    builder.add_conditional_edges(START, lambda state: {sends}, ["work"])
    return builder.add_edge("work", "gather").compile()
"""


def graph(**changes: str) -> str:
    parts = {
        "outcomes": "Annotated[list[Outcome], merge]",
        "gathered": '{"results": outcomes.values, "failed": [one.name for one in outcomes.failed]}',
        "node": "branch(work)",
        "sends": 'send_each("work", state["documents"])',
    }
    return GRAPH.format(**{**parts, **changes})


CACHED = """
def make_cached(ask, clock):
    cache = Cache({options})
    async def cached(question, *, user, model):
        {extra}
        key = {key}
        return await cache.get_or_compute(key, lambda: ask(question, user, model))
    return cached
"""


def cached(**changes: str) -> str:
    parts = {
        "options": "ttl=60, clock=clock",
        "key": "cache_key(question, model=model, parameters={}, tools=[], user=user)",
        "extra": "pass",
    }
    return CACHED.format(**{**parts, **changes})


BY_HAND = """
import asyncio

def make_cached(ask, clock):
    known, flights = {{}}, {{}}

    async def cached(question, *, user, model):
        key = {key}
        if key in known and clock() - known[key][1] < {age}:
            return known[key][0]
        {fly}

    return cached
"""

FLIGHT = """if key not in flights:
            async def fly():
                try:
                    known[key] = (await ask(question, user, model), clock())
                    return known[key][0]
                finally:
                    flights.pop(key, None)
            flights[key] = asyncio.ensure_future(fly())
        return await asyncio.shield(flights[key])"""


def by_hand(**changes: str) -> str:
    parts = {"key": "(question, user, model)", "age": "60", "fly": FLIGHT}
    return BY_HAND.format(**{**parts, **changes})


CASES = {
    "five_cities": Cases(
        right=[
            """
from agent_patterns.parallel import fan_out

async def report(weather, cities):
    outcomes = await fan_out(weather, cities)
    answers = {one.name: one.value for one in outcomes if one.ok}
    return answers, [one.name for one in outcomes.failed]
""",
            """
import asyncio

async def report(weather, cities):
    answers, failed = {}, []
    async def one(city):
        try:
            return await weather(city)
        except Exception:
            return None
    async with asyncio.TaskGroup() as group:
        tasks = {city: group.create_task(one(city)) for city in cities}
    for city, task in tasks.items():
        if task.result() is None:
            failed.append(city)
        else:
            answers[city] = task.result()
    return answers, failed
""",
        ],
        wrong=[
            ("plain-where-async", "def report(weather, cities):\n    return {}, list(cities)"),
            (
                "one-failure-loses-all",
                """
import asyncio

async def report(weather, cities):
    results = await asyncio.gather(*map(weather, cities))
    return dict(zip(cities, results)), []
""",
            ),
            (
                "one-after-another",
                """
async def report(weather, cities):
    answers, failed = {}, []
    for city in cities:
        try:
            answers[city] = await weather(city)
        except Exception:
            failed.append(city)
    return answers, failed
""",
            ),
            ("errors-among-the-answers", GATHER.format(last="return dict(pairs), []")),
            (
                "answers-of-another-city",
                """
import asyncio

async def report(weather, cities):
    answers, failed = [], []
    for done in asyncio.as_completed(map(weather, cities)):
        try:
            answers.append(await done)
        except Exception:
            failed.append("?")
    return dict(zip(cities, answers)), failed
""",
            ),
            (
                "order-of-arrival",
                """
import asyncio

async def report(weather, cities):
    answers, failed = {}, []
    async def one(city):
        try:
            answers[city] = await weather(city)
        except Exception:
            failed.append(city)
    await asyncio.gather(*map(one, cities))
    return answers, failed
""",
            ),
            (
                "failures-not-named",
                GATHER.format(
                    last="return {c: r for c, r in pairs if not isinstance(r, Exception)}, []"
                ),
            ),
            (
                "loses-answers",
                GATHER.format(
                    last="good = {c: r for c, r in pairs if r and not isinstance(r, Exception)}\n"
                    "    return good, [c for c in cities if c not in good]"
                ),
            ),
            ("returns-something-else", GATHER.format(last="return pairs")),
            (
                "leaves-work-running",
                GATHER.format(
                    last="asyncio.ensure_future(asyncio.sleep(5))\n"
                    "    good = {c: r for c, r in pairs if not isinstance(r, Exception)}\n"
                    "    return good, [c for c in cities if c not in good]"
                ),
            ),
        ],
        cheats=[
            """
async def report(weather, cities):
    return {city: "12 degrees" for city in cities if city != "Oslo"}, ["Oslo"]
""",
        ],
        unattempted=["async def report(weather, cities):\n    ..."],
    ),
    "map_reduce": Cases(
        right=[
            """
class Reading(TypedDict, total=False):
    documents: list[str]
    results: list
    failed: list

def build(work):
    async def read(state: Reading):
        outcomes = await fan_out(work, state["documents"], limit=len(state["documents"]))
        return {"results": outcomes.values, "failed": [one.name for one in outcomes.failed]}
    return StateGraph(Reading).add_node("read", read).add_edge(START, "read").compile()
""",
            """
import operator
from langgraph.types import Send

class Reading(TypedDict, total=False):
    documents: list[str]
    found: Annotated[list, operator.add]
    results: list
    failed: list

def build(work):
    async def one(state):
        try:
            return {"found": [(state["at"], await work(state["text"]), "")]}
        except Exception:
            return {"found": [(state["at"], None, state["text"])]}
    def gather(state: Reading):
        found = sorted(state["found"], key=lambda each: each[0])
        return {
            "results": [value for _, value, failed in found if not failed],
            "failed": [failed for _, _, failed in found if failed],
        }
    def each(state):
        return [Send("one", {"at": n, "text": t}) for n, t in enumerate(state["documents"])]
    builder = StateGraph(Reading).add_node("one", one).add_node("gather", gather, defer=True)
    return builder.add_conditional_edges(START, each).add_edge("one", "gather").compile()
""",
        ],
        wrong=[
            (
                "sends-from-a-node",
                graph().replace(
                    "    builder.add_conditional",
                    '    builder.add_node("plan", lambda state: send_each("work", '
                    'state["documents"]))\n    builder.add_edge(START, "plan")\n'
                    "    return builder.compile()\n    builder.add_conditional",
                ),
            ),
            ("no-reducer", graph(outcomes="list[Outcome]")),
            (
                "one-failure-loses-all",
                """
import operator

class Reading(TypedDict, total=False):
    documents: list[str]
    results: Annotated[list, operator.add]
    failed: list

def build(work):
    async def one(state):
        return {"results": [await work(state["item"])]}
    builder = StateGraph(Reading).add_node("work", one)
    builder.add_node("gather", lambda state: {"failed": []})
    builder.add_conditional_edges(START, lambda state: send_each("work", state["documents"]))
    return builder.add_edge("work", "gather").compile()
""",
            ),
            (
                "one-after-another",
                """
class Reading(TypedDict, total=False):
    documents: list[str]
    results: list
    failed: list

def build(work):
    async def read(state: Reading):
        outcomes = await fan_out(work, state["documents"], limit=1)
        return {"results": outcomes.values, "failed": [one.name for one in outcomes.failed]}
    return StateGraph(Reading).add_node("read", read).add_edge(START, "read").compile()
""",
            ),
            ("failures-not-named", graph(gathered='{"results": outcomes.values, "failed": []}')),
            (
                "results-differ",
                graph(gathered='{"results": [one.value for one in outcomes], "failed": []}'),
            ),
            (
                "order-of-arrival",
                """
class Reading(TypedDict, total=False):
    documents: list[str]
    results: list
    failed: list

def build(work):
    async def read(state: Reading):
        results, failed = [], []
        async def one(document):
            try:
                results.append(await work(document))
            except Exception:
                failed.append(document)
        await fan_out(one, state["documents"])
        return {"results": results, "failed": [d for d in state["documents"] if d in failed]}
    return StateGraph(Reading).add_node("read", read).add_edge(START, "read").compile()
""",
            ),
            ("returns-no-graph", graph().replace('"gather").compile()', '"gather")')),
            (
                "results-differ",
                graph(
                    gathered='{"results": [one for one in outcomes.values if one],'
                    ' "failed": [one.name for one in outcomes.failed]}'
                ),
            ),
            (
                "remembers-the-run-before",
                graph(gathered='{"results": kept, "failed": failed}')
                .replace(
                    'outcomes = Outcomes(state["outcomes"])',
                    "kept.extend((outcomes := Outcomes(state['outcomes'])).values)\n"
                    "        failed.extend(one.name for one in outcomes.failed)",
                )
                .replace("    def gather", "    kept, failed = [], []\n    def gather"),
            ),
        ],
        cheats=[
            """
class Reading(TypedDict, total=False):
    documents: list[str]
    results: list
    failed: list

def build(work):
    def read(state: Reading):
        return {"results": ["3 (ret)", "5 (shi)"], "failed": []}
    return StateGraph(Reading).add_node("read", read).add_edge(START, "read").compile()
""",
        ],
        unattempted=["def build(work):\n    pass"],
    ),
    "cache_for_users": Cases(
        right=[
            by_hand(),
            cached(key='f"{question!r} {user!r} {model!r}"'),
        ],
        wrong=[
            ("another-users-answer", by_hand(key="(question, model)")),
            ("another-answer", by_hand(key="(question, user)")),
            ("another-answer", by_hand(key="question + user + model")),
            (
                "causes-a-stampede",
                by_hand(
                    fly="known[key] = (await ask(question, user, model), clock())\n"
                    "        return known[key][0]"
                ),
            ),
            (
                "one-queue-for-all",
                """
import asyncio

def make_cached(ask, clock):
    known, lock = {}, asyncio.Lock()
    async def cached(question, *, user, model):
        key = (question, user, model)
        async with lock:
            if key not in known or clock() - known[key][1] >= 60:
                known[key] = (await ask(question, user, model), clock())
            return known[key][0]
    return cached
""",
            ),
            ("never-expires", by_hand(age="10**9")),
            ("never-expires", cached(options="ttl=61, clock=clock")),
            ("expires-too-early", by_hand(age="30")),
            (
                "keeps-nothing",
                cached(extra="cache = Cache(ttl=60, clock=clock)"),
            ),
            (
                "keeps-errors",
                by_hand(
                    fly=FLIGHT.replace("flights.pop(key, None)", "pass").replace(
                        "if key not in flights", "if key not in flights or key in known"
                    )
                ),
            ),
            (
                "hides-an-error",
                by_hand(
                    fly=f"try:\n            {FLIGHT.replace(chr(10), chr(10) + '    ')}\n"
                    "        except Exception:\n            return 'Sorry.'"
                ),
            ),
        ],
        cheats=[
            """
def make_cached(ask, clock):
    async def cached(question, *, user, model):
        return f"{model} tells {user} about {question}"
    return cached
""",
        ],
        unattempted=["def make_cached(ask, clock):\n    ..."],
    ),
}
