"""Answers to lesson 06's exercises."""

from tests.lessons.cases import Cases

CASES = {
    "finish_after_a_crash": Cases(
        right=[
            """
from langgraph.errors import EmptyInputError

def finish(graph, config, order):
    try:
        return graph.invoke(None, config, durability="sync")
    except EmptyInputError:
        return graph.invoke(order, config, durability="sync")
""",
            """
def finish(graph, config, order):
    begun = any(True for _ in graph.get_state_history(config))
    for _ in graph.stream(None if begun else order, config, durability="sync"):
        pass
    return graph.get_state(config).values
""",
            """
def finish(graph, config, order):
    stored = graph.checkpointer.get_tuple(config)
    return graph.invoke(None if stored else order, config, durability="sync")
""",
        ],
        wrong=[
            (
                "starts-over",
                "def finish(graph, config, order):\n    return graph.invoke(order, config)",
            ),
            (
                "resumes-nothing",
                "def finish(graph, config, order):\n    return graph.invoke(None, config)",
            ),
            (
                "takes-never-begun-for-finished",
                """
def finish(graph, config, order):
    state = graph.get_state(config)
    if not state.next:
        return state.values
    return graph.invoke(None, config)
""",
            ),
            (
                "runs-a-finished-order",
                """
def finish(graph, config, order):
    state = graph.get_state(config)
    return graph.invoke(None if state.next else order, config)
""",
            ),
            (
                "stops-early",
                "def finish(graph, config, order):\n    return graph.get_state(config).values",
            ),
            (
                "stores-at-the-end-only",
                """
def finish(graph, config, order):
    stored = graph.checkpointer.get_tuple(config)
    return graph.invoke(None if stored else order, config, durability="exit")
""",
            ),
            (
                "stores-at-the-end-only",
                """
def finish(graph, config, order):
    if graph.checkpointer.get_tuple(config):
        return graph.invoke(None, config, durability="exit")
    return graph.invoke(order, config, durability="sync")
""",
            ),
            (
                "stores-beside-the-work",
                """
def finish(graph, config, order):
    stored = graph.checkpointer.get_tuple(config)
    return graph.invoke(None if stored else order, config)
""",
            ),
            (
                "stores-beside-the-work",
                """
def finish(graph, config, order):
    if graph.checkpointer.get_tuple(config):
        return graph.invoke(None, config, durability="sync")
    return graph.invoke(order, config)
""",
            ),
            (
                "starts-over-on-an-error",
                """
def finish(graph, config, order):
    try:
        return graph.invoke(None, config, durability="sync")
    except Exception:
        return graph.invoke(order, config, durability="sync")
""",
            ),
            (
                "hides-an-error",
                """
def finish(graph, config, order):
    state = graph.get_state(config)
    try:
        return graph.invoke(None if state.created_at else order, config, durability="sync")
    except Exception:
        return graph.get_state(config).values
""",
            ),
            (
                "returns-no-values",
                """
def finish(graph, config, order):
    state = graph.get_state(config)
    graph.invoke(None if state.created_at else order, config)
""",
            ),
        ],
        cheats=[
            """
def finish(graph, config, order):
    state = graph.get_state(config)
    due = {("price",), ("reserve",), ("charge",), ("pack",), ("confirm",)}
    if state.created_at is None:
        return graph.invoke(order, config, durability="sync")
    return graph.invoke(None, config) if state.next in due else state.values
""",
            """
def finish(graph, config, order):
    names = ["price", "reserve", "charge", "pack", "confirm"]
    return {**order, "total": 1350, "done": names}
""",
        ],
        raised=[("NameError", "def finish(graph, config, order):\n    return resume(graph)")],
    ),
    "find_the_newest_intact": Cases(
        right=[
            """
from hashlib import sha256

def newest_intact(rows, digests, report):
    stored = dict(rows)
    damaged = []
    while stored:
        newest = max(stored)
        if sha256(stored.pop(newest)).hexdigest() == digests[newest]:
            break
        damaged.append(newest)
    else:
        newest = None
    for each in damaged:
        report(each)
    return newest
""",
            """
import hashlib

def newest_intact(rows, digests, report):
    good = [i for i, b in rows if hashlib.sha256(b).hexdigest() == digests[i]]
    best = max(good, default=None)
    for i, b in rows:
        if i not in good and (best is None or i > best):
            report(i)
    return best
""",
        ],
        wrong=[
            (
                "trusts-what-decodes",
                """
import ormsgpack

def newest_intact(rows, digests, report):
    for checkpoint_id, stored in sorted(rows, reverse=True):
        try:
            ormsgpack.unpackb(stored, option=ormsgpack.OPT_NON_STR_KEYS)
            return checkpoint_id
        except Exception:
            report(checkpoint_id)
""",
            ),
            (
                "ignores-age",
                """
import hashlib

def newest_intact(rows, digests, report):
    for checkpoint_id, stored in rows:
        if hashlib.sha256(stored).hexdigest() == digests[checkpoint_id]:
            return checkpoint_id
        report(checkpoint_id)
""",
            ),
            (
                "gives-up",
                """
import hashlib

def newest_intact(rows, digests, report):
    checkpoint_id, stored = max(rows)
    if hashlib.sha256(stored).hexdigest() == digests[checkpoint_id]:
        return checkpoint_id
    report(checkpoint_id)
    return None
""",
            ),
            (
                "keeps-quiet",
                """
import hashlib

def newest_intact(rows, digests, report):
    good = [i for i, b in rows if hashlib.sha256(b).hexdigest() == digests[i]]
    return max(good, default=None)
""",
            ),
            (
                "keeps-quiet",
                """
import hashlib

def newest_intact(rows, digests, report):
    damaged = []
    for i, b in sorted(rows, reverse=True):
        if hashlib.sha256(b).hexdigest() == digests[i]:
            for each in damaged:
                report(each)
            return i
        damaged.append(i)
""",
            ),
            (
                "reports-too-much",
                """
import hashlib

def newest_intact(rows, digests, report):
    good = []
    for i, b in rows:
        if hashlib.sha256(b).hexdigest() == digests[i]:
            good.append(i)
        else:
            report(i)
    return max(good, default=None)
""",
            ),
            (
                "returns-something-else",
                """
def newest_intact(rows, digests, report):
    return max(rows)
""",
            ),
            (
                "returns-damage",
                """
import hashlib

def newest_intact(rows, digests, report):
    for checkpoint_id, stored in sorted(rows, reverse=True):
        if hashlib.sha256(stored).hexdigest() == digests[checkpoint_id]:
            break
        report(checkpoint_id)
    return checkpoint_id
""",
            ),
            (
                "accepts-the-wrong-row",
                """
import hashlib

def newest_intact(rows, digests, report):
    known = set(digests.values())
    for checkpoint_id, stored in sorted(rows, reverse=True):
        if hashlib.sha256(stored).hexdigest() in known:
            return checkpoint_id
        report(checkpoint_id)
""",
            ),
        ],
        cheats=[
            """
def newest_intact(rows, digests, report):
    stored = dict(rows)
    longest = max(len(data) for data in stored.values())
    for each in sorted(stored, reverse=True):
        if len(stored[each]) > longest // 2 and b"1351" not in stored[each]:
            return each
        report(each)
""",
        ],
    ),
    "make_an_effect_idempotent": Cases(
        right=[
            """
def letters_node(effects, send):
    def node(order):
        for letter in order["letters"]:
            effects.plan(f"{order['number']}/{letter['id']}", "letter", letter)
        return {
            "receipts": [
                effects.perform(f"{order['number']}/{letter['id']}", send, letter, kind="letter")
                for letter in order["letters"]
            ]
        }

    return node
""",
            """
import hashlib, json
from langgraph.types import Command

class Node:
    def __init__(self, effects, send):
        self.effects, self.send = effects, send

    def __call__(self, order):
        receipts = []
        for letter in order["letters"]:
            name = json.dumps([order["number"], letter], sort_keys=True)
            key = hashlib.sha256(name.encode()).hexdigest()
            receipts.append(self.effects.perform(key, self.send, letter))
        return Command(update={"receipts": receipts})

letters_node = Node
""",
        ],
        wrong=[
            (
                "sends-it-twice",
                """
def letters_node(effects, send):
    def node(order):
        return {"receipts": [
            effects.perform(f"letter-{hash((order['number'], letter['id']))}", send, letter)
            for letter in order["letters"]
        ]}
    return node
""",
            ),
            (
                "sends-it-twice",
                """
import uuid

def letters_node(effects, send):
    def node(order):
        return {"receipts": [
            effects.perform(str(uuid.uuid4()), send, letter) for letter in order["letters"]
        ]}
    return node
""",
            ),
            (
                "sends-it-twice",
                """
def letters_node(effects, send):
    def node(order):
        return {"receipts": [
            send(letter, f"{order['number']}:{letter['id']}:{n}")
            for n, letter in enumerate(order["letters"])
        ]}
    return node
""",
            ),
            (
                "one-key-for-two-letters",
                """
def letters_node(effects, send):
    def node(order):
        return {"receipts": [
            effects.perform(f"{order['number']}:{letter['to']}", send, letter)
            for letter in order["letters"]
        ]}
    return node
""",
            ),
            (
                "one-key-for-two-letters",
                """
def letters_node(effects, send):
    def node(order):
        return {"receipts": [
            effects.perform(f"letter:{letter['id']}", send, letter) for letter in order["letters"]
        ]}
    return node
""",
            ),
            (
                "one-key-for-two-letters",
                """
def letters_node(effects, send):
    def node(order):
        return {"receipts": [
            effects.perform(f"{order['number']}:{n}", send, letter)
            for n, letter in enumerate(order["letters"])
        ]}
    return node
""",
            ),
            (
                "swallows-a-letter",
                """
def letters_node(effects, send):
    def node(order):
        receipts = []
        for letter in order["letters"]:
            payload = {"to": letter["to"], "text": letter["text"]}
            key = f"{order['number']}:{letter['to']}:{letter['text']}"
            receipts.append(effects.perform(key, send, payload))
        return {"receipts": receipts}
    return node
""",
            ),
            (
                "asks-again",
                """
def letters_node(effects, send):
    def node(order):
        return {"receipts": [
            send(letter, f"{order['number']}:{letter['id']}") for letter in order["letters"]
        ]}
    return node
""",
            ),
            (
                "loses-a-receipt",
                """
def letters_node(effects, send):
    def node(order):
        for letter in order["letters"]:
            effects.perform(f"{order['number']}:{letter['id']}", send, letter)
    return node
""",
            ),
            (
                "returns-no-node",
                """
def letters_node(effects, send):
    return {"receipts": []}
""",
            ),
        ],
        cheats=[
            """
sent = {}

def letters_node(effects, send):
    def node(order):
        receipts = []
        for letter in order["letters"]:
            key = (order["number"], letter["id"])
            if key not in sent:
                sent[key] = f"receipt for {letter['to']}: {letter['text']}"
            receipts.append(sent[key])
        return {"receipts": receipts}
    return node
""",
            """
def letters_node(effects, send):
    def node(order):
        if effects.plan(order["number"], "letters"):
            for letter in order["letters"]:
                send(letter, order["number"] + letter["id"])
        return {"receipts": [
            f"receipt for {each['to']}: {each['text']}" for each in order["letters"]
        ]}
    return node
""",
        ],
    ),
}
