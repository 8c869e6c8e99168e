"""Answers to lesson 16's exercises."""

from tests.lessons.cases import Cases

TWO = """
import hashlib, uuid

def keep(store, user, text, now):
    store.put({namespace}, {key}, {{"text": text, "user": user, "said_at": now}})

def kept(store, user):
    return [{text} for item in store.search({where})]
"""


def two(**changes: str) -> str:
    parts = {
        "namespace": '("memories", user)',
        "key": "text",
        "where": '("memories", user), limit=1000',
        "text": 'item.value["text"]',
    }
    return TWO.format(**{**parts, **changes})


LEARN = """
def learn(store, user, topic, text, said_at, source):
    space = ("p", user)
    item = store.get(space, topic)
    new = {{"text": text, "said_at": said_at, "sources": [source]}}
    if item is not None:
        known = item.value
        if known["text"] == text:
            {same}
        elif {older}:
            return
    store.put(space, topic, new)

def preferences(store, user):
    return {{i.key: (i.value["text"], i.value["sources"]) for i in store.search({where})}}
"""

SAME = """new["said_at"] = max(said_at, known["said_at"])
            new["sources"] = list(dict.fromkeys([*known["sources"], source]))"""


def learn(**changes: str) -> str:
    parts = {
        "same": SAME,
        "older": 'known["said_at"] > said_at',
        "where": "space_of(user), limit=1000",
    }
    code = LEARN.format(**{**parts, **changes})
    return "def space_of(user):\n    return ('p', user)\n" + code


HYBRID = """
import json
from langchain_core.messages import AIMessage, SystemMessage, HumanMessage, ToolMessage

def build_request(messages, search, window):
    question = {question}
    found = [m.text for m in search(question) if {near}]
    system = {system}
    starts = [at for at, m in enumerate(messages) if m.type == "human"]
    request = [*system, *{window}]
    {recall}
    return request
"""

RECALL = """if found:
        call = {"name": "recall", "args": {"query": question}, "id": "r1"}
        request.append(AIMessage("", tool_calls=[call]))
        request.append(ToolMessage(json.dumps(found), tool_call_id="r1"))"""


def hybrid(**changes: str) -> str:
    parts = {
        "question": "messages[-1].text",
        "near": "m.score >= 0.3",
        "system": '[m for m in messages if m.type == "system"]',
        "window": "messages[starts[-window:][0]:]",
        "recall": RECALL,
    }
    return HYBRID.format(**{**parts, **changes})


FORGET = """
import sqlite3
from contextlib import closing

def forget(user, texts, folder):
    traces = {traces}
    with closing(sqlite3.connect(folder / "memories.sqlite")) as file:
        file.execute({delete})
        file.commit()
        {vacuum}
    return {proof}
"""

PROOF = """[path.name for path in folder.rglob("*")
            if path.is_file() and any(t.encode() in path.read_bytes() for t in traces)]"""


def forget(**changes: str) -> str:
    parts = {
        "traces": "[user, *texts]",
        "delete": '"DELETE FROM memories WHERE user = ?", (user,)',
        "vacuum": 'file.execute("VACUUM")',
        "proof": PROOF,
    }
    return FORGET.format(**{**parts, **changes})


CASES = {
    "two_customers": Cases(
        right=[
            two(key="hashlib.sha256(text.encode()).hexdigest()"),
            two(
                namespace='("memories",)',
                key='f"{user}/{text}"',
                where='("memories",), filter={"user": user}, limit=999',
            ),
            """
def keep(store, user, text, now):
    item = store.get(("u", user), "all")
    texts = item.value["texts"] if item else []
    if text not in texts:
        store.put(("u", user), "all", {"texts": [*texts, text]})

def kept(store, user):
    item = store.get(("u", user), "all")
    return item.value["texts"] if item else []
""",
        ],
        wrong=[
            ("overwrites-a-memory", two(key="str(now)")),
            ("overwrites-a-memory", two(key="text[:20]")),
            ("overwrites-a-memory", two(key='f"{user}-{now:.0f}"')),
            (
                "leaks-to-another-user",
                two(namespace='("memories",)', where='("memories",), limit=1000'),
            ),
            ("leaks-to-another-user", two(where='("memories",), limit=1000')),
            ("keeps-twice", two(key="uuid.uuid4().hex")),
            ("keeps-twice", two(key='f"{text} {now}"')),
            (
                "loses-a-shared-text",
                two(
                    namespace='("memories",)',
                    where='("memories",), filter={"user": user}, limit=1000',
                ),
            ),
            ("stops-at-ten", two(where='("memories", user)')),
            ("not-texts", two(text="item")),
            ("another-key-tomorrow", two(key="str(hash(text))")),
            ("recalls-nothing", two(where='("memory", user), limit=1000')),
        ],
        cheats=[
            """
told = {}

def keep(store, user, text, now):
    store.put(("memories",), "all", {"text": "there is something"})
    told.setdefault((id(store), user), {})[text] = now

def kept(store, user):
    return list(told.get((id(store), user), ()))
""",
            """
told = {}

def keep(store, user, text, now):
    told.setdefault(user, {})[text] = now

def kept(store, user):
    return list(told.get(user, ()))
""",
        ],
        unattempted=[
            "def keep(store, user, text, now):\n    ...\n\ndef kept(store, user):\n    return []\n"
        ],
    ),
    "preference_memory": Cases(
        right=[
            learn(),
            """
def learn(store, user, topic, text, said_at, source):
    item = store.get(("log", user), topic)
    rows = item.value["rows"] if item else []
    store.put(("log", user), topic, {"rows": [*rows, [said_at, text, source]]})

def preferences(store, user):
    known = {}
    for item in store.search(("log", user), limit=500):
        rows = item.value["rows"]
        text = max(rows)[1]
        newest = {}
        for said_at, said, source in rows:
            newest[said] = max(said_at, newest.get(said, 0))
        text = max(newest, key=newest.get)
        start = 0
        current, sources, at = None, [], 0
        for said_at, said, source in rows:
            if said == current:
                at = max(at, said_at)
                sources.append(source)
            elif said_at >= at:
                current, sources, at = said, [source], said_at
        known[item.key] = (current, sorted(set(sources)))
    return known
""",
            """
def learn(store, user, topic, text, said_at, source):
    told = {"text": text, "said_at": said_at, "source": source, "topic": topic}
    store.put(("p", user, topic), f"{text} {said_at} {source}", told)

def preferences(store, user):
    said = {}
    for item in store.search(("p", user), limit=10_000):
        said.setdefault(item.value["topic"], []).append(item.value)
    known = {}
    for topic, told in said.items():
        text = max(told, key=lambda each: each["said_at"])["text"]
        known[topic] = (text, {each["source"] for each in told if each["text"] == text})
    return known
""",
        ],
        wrong=[
            ("stops-at-ten", learn(where="space_of(user)")),
            ("keeps-the-first", learn(older="True")),
            ("believes-what-arrives-last", learn(older="False")),
            (
                "forgets-the-repeat",
                learn(same=SAME.replace('max(said_at, known["said_at"])', 'known["said_at"]')),
            ),
            (
                "turns-the-clock-back",
                learn(same=SAME.replace('max(said_at, known["said_at"])', "said_at")),
            ),
            (
                "loses-or-mixes-sources",
                learn(same='new["said_at"] = max(said_at, known["said_at"])'),
            ),
            (
                "loses-or-mixes-sources",
                learn(
                    same=SAME.replace(
                        'list(dict.fromkeys([*known["sources"], source]))',
                        '[*known["sources"], source]',
                    )
                ),
            ),
            ("forgets-a-topic", learn().replace("(space, topic", "(space, 'all'")),
            (
                "mixes-topics",
                learn().replace(
                    "    store.put(space, topic, new)",
                    "    store.put(space, topic, new)\n"
                    "    for i in store.search(space): store.put(space, i.key, new)",
                ),
            ),
            (
                "leaks-to-another-user",
                learn().replace('("p", user)', '("p",)').replace("('p', user)", "('p',)"),
            ),
            (
                "not-a-pair",
                learn().replace('(i.value["text"], i.value["sources"])', 'i.value["text"]'),
            ),
        ],
        cheats=[
            """
kept = {}

def learn(store, user, topic, text, said_at, source):
    mine = kept.setdefault(user, {})
    old, at, sources = mine.get(topic, ("", -1, []))
    if old == text:
        mine[topic] = (text, max(at, said_at), list(dict.fromkeys([*sources, source])))
    elif said_at >= at:
        mine[topic] = (text, said_at, [source])

def preferences(store, user):
    return {topic: (text, sources) for topic, (text, at, sources) in kept.get(user, {}).items()}
""",
        ],
    ),
    "hybrid_memory": Cases(
        right=[
            hybrid(),
            hybrid(
                system='messages[:1] if messages[0].type == "system" else []',
                near="not m.score < 0.3",
                window="messages[starts[max(0, len(starts) - window)]:]",
            ),
            """
import json
from langchain_core.messages import AIMessage, ToolMessage

def build_request(messages, search, window):
    kept, left = [], window
    for message in reversed(messages):
        if left and message.type != "system":
            kept.insert(0, message)
            left -= message.type == "human"
    texts = [m.text for m in search(messages[-1].text) if m.score >= 0.3]
    pair = [AIMessage("", tool_calls=[{"name": "recall", "args": {}, "id": "x"}]),
            ToolMessage(json.dumps(texts), tool_call_id="x")]
    return [m for m in messages if m.type == "system"] + kept + (pair if texts else [])
""",
        ],
        wrong=[
            ("not-messages", hybrid(recall='request += [{"role": "tool", "content": str(found)}]')),
            ("searches-for-something-else", hybrid(question="messages[-1]")),
            (
                "memory-in-the-system-prompt",
                hybrid(system='[SystemMessage(messages[0].text + "\\n" + "\\n".join(found))]'),
            ),
            (
                "memory-in-the-question",
                hybrid(recall='request[-1] = HumanMessage("\\n".join(found) + "\\n" + question)'),
            ),
            (
                "memory-in-the-question",
                hybrid(recall="request += [HumanMessage(text) for text in found]"),
            ),
            ("wrong-window", hybrid(window="messages[-window:]")),
            ("wrong-window", hybrid(window="messages[1:][-(2 * window - 1):]")),
            ("wrong-window", hybrid(window="messages[starts[0]:]")),
            ("wrong-memories", hybrid(near="m.score > 0.3")),
            ("wrong-memories", hybrid(near="m.score >= 0")),
            ("recalls-nothing-aloud", hybrid(recall=RECALL.replace("if found:", "if True:"))),
            (
                "breaks-the-transcript",
                hybrid(
                    recall='if found: request += [ToolMessage(json.dumps(found), tool_call_id="1")]'
                ),
            ),
            (
                "no-tool-result",
                hybrid(recall="if found: request.append(AIMessage(json.dumps(found)))"),
            ),
            ("not-json", hybrid(recall=RECALL.replace("json.dumps(found)", '"; ".join(found)'))),
            ("searches-for-something-else", hybrid(question="messages[1].text")),
            ("drops-the-system-prompt", hybrid(system="[]")),
            ("changes-the-thread", hybrid(recall=RECALL + "\n    messages[:] = request")),
        ],
        cheats=[
            """
def build_request(messages, search, window):
    search(messages[-1].text)
    return messages
""",
        ],
    ),
    "forget_me": Cases(
        right=[
            forget(),
            """
import sqlite3

def forget(user, texts, folder):
    path = folder / "memories.sqlite"
    old = sqlite3.connect(path)
    rows = old.execute("SELECT user, text FROM memories WHERE user <> ?", (user,)).fetchall()
    old.close()
    for each in folder.glob("memories.sqlite*"):
        each.unlink()
    new = sqlite3.connect(path)
    new.execute("CREATE TABLE memories (user TEXT, text TEXT)")
    new.executemany("INSERT INTO memories VALUES (?, ?)", rows)
    new.commit()
    new.close()
    left = set()
    for path in folder.rglob("*"):
        for trace in (user, *texts):
            if path.is_file() and trace.encode() in path.read_bytes():
                left.add(path.name)
    return left
""",
        ],
        wrong=[
            ("leaves-raw-traces", forget(vacuum="pass")),
            (
                "forgets-somebody-else",
                forget(delete='"DELETE FROM memories WHERE user LIKE ?", (user + "%",)'),
            ),
            ("proves-nothing", forget(proof=PROOF.replace('rglob("*")', "iterdir()"))),
            ("forgets-somebody-else", forget(delete='"DELETE FROM memories"')),
            ("keeps-rows", forget(delete='"DELETE FROM memories WHERE text = ?", (texts[-1],)')),
            ("not-names", forget(proof="True")),
            ("not-names", forget(proof=PROOF.replace("path.name", "str(path)"))),
            (
                "changes-other-files",
                forget(proof=PROOF.replace("[path.name", "[path.unlink() or path.name")),
            ),
            ("proves-nothing", forget(proof="[]")),
            ("proves-nothing", forget(proof=PROOF.replace("in traces", "in texts"))),
            ("proves-nothing", forget(proof=PROOF.replace("in traces", "in [user]"))),
        ],
        cheats=[
            """
import shutil

def forget(user, texts, folder):
    for path in folder.iterdir():
        path.unlink()
    return []
""",
            forget(proof='[path.name for path in folder.rglob("*.bin")]'),
            forget(proof='[path.name for path in folder.rglob("exports/*")]'),
        ],
    ),
}
