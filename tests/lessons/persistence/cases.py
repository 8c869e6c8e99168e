"""Answers to module 04's exercises."""

from tests.lessons.cases import Cases

CASES = {
    "finish_after_a_crash": Cases(
        right=[
            """
from langgraph.errors import EmptyInputError

def finish(graph, config, order):
    try:
        return graph.invoke(None, config)
    except EmptyInputError:
        return graph.invoke(order, config)
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
    return graph.invoke(None if stored else order, config)
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
                "starts-over-on-an-error",
                """
def finish(graph, config, order):
    try:
        return graph.invoke(None, config)
    except Exception:
        return graph.invoke(order, config)
""",
            ),
            (
                "hides-an-error",
                """
def finish(graph, config, order):
    state = graph.get_state(config)
    try:
        return graph.invoke(None if state.created_at else order, config)
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
        ],
    ),
    "fork_the_past": Cases(
        right=[
            """
def what_if(graph, config, changes, before):
    for snapshot in graph.get_state_history(config):
        if before in snapshot.next:
            graph.update_state(snapshot.config, changes)
            return graph.invoke(None, config)  # the fork is the thread's newest now
""",
            """
def what_if(graph, config, changes, before):
    past = [s for s in graph.get_state_history(config) if s.next == (before,)][0]
    for _ in graph.stream(None, graph.update_state(past.config, changes)):
        pass
    return graph.get_state(config).values
""",
        ],
        wrong=[
            (
                "edits-the-present",
                """
def what_if(graph, config, changes, before):
    graph.update_state(config, changes)
    return graph.invoke(None, config)
""",
            ),
            (
                "starts-over",
                """
def what_if(graph, config, changes, before):
    past = next(s for s in graph.get_state_history(config) if before in s.next)
    return graph.invoke({**past.values, **changes, "rounds": 0}, config)
""",
            ),
            (
                "starts-over",
                """
def what_if(graph, config, changes, before):
    past = next(s for s in graph.get_state_history(config) if before in s.next)
    return graph.invoke(changes, past.config)
""",
            ),
            (
                "finds-no-moment",
                """
def what_if(graph, config, changes, before):
    for s in graph.get_state_history(config):
        if s.next == before:
            return graph.invoke(None, graph.update_state(s.config, changes))
""",
            ),
            (
                "finds-no-moment",
                """
def what_if(graph, config, changes, before):
    past = next(s for s in graph.get_state_history(config) if s.next[0] == before)
    return graph.invoke(None, graph.update_state(past.config, changes))
""",
            ),
            (
                "copies-without-a-place",
                """
def what_if(graph, config, changes, before):
    past = next(s for s in graph.get_state_history(config) if before in s.next)
    copy = {"configurable": {"thread_id": "what if"}}
    graph.update_state(copy, {**past.values, **changes})
    return graph.invoke(None, copy)
""",
            ),
            (
                "finds-no-moment",
                """
def what_if(graph, config, changes, before):
    past = [s for s in graph.get_state_history(config) if s.next == before][0]
    return graph.invoke(None, graph.update_state(past.config, changes))
""",
            ),
            (
                "forgets-the-fork",
                """
def what_if(graph, config, changes, before):
    past = next(s for s in graph.get_state_history(config) if before in s.next)
    graph.update_state(past.config, changes)
    return graph.invoke(None, past.config)
""",
            ),
            (
                "wrong-moment",
                """
def what_if(graph, config, changes, before):
    past = [s for s in graph.get_state_history(config) if before in s.next][-1]
    return graph.invoke(None, graph.update_state(past.config, changes))
""",
            ),
            (
                "skips-the-node",
                """
def what_if(graph, config, changes, before):
    past = next(s for s in graph.get_state_history(config) if before in s.next)
    return graph.invoke(None, graph.update_state(past.config, changes, as_node=before))
""",
            ),
            (
                "returns-no-values",
                """
def what_if(graph, config, changes, before):
    past = next(s for s in graph.get_state_history(config) if before in s.next)
    graph.invoke(None, graph.update_state(past.config, changes))
""",
            ),
            (
                "rewrites-history",
                """
def what_if(graph, config, changes, before):
    past = next(s for s in graph.get_state_history(config) if before in s.next)
    graph.checkpointer.delete_thread(config["configurable"]["thread_id"])
    done = {"price": "price", "haggle": "haggle", "sum_up": "haggle", "charge": "sum_up"}
    values = {**past.values, **changes}
    graph.update_state(config, values, as_node="price" if before == "haggle" else done[before])
    return graph.invoke(None, config)
""",
            ),
        ],
    ),
}
