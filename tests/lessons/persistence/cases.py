"""Answers to lesson 04's exercises."""

from tests.lessons.cases import Cases

CASES = {
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
    history = list(graph.get_state_history(config))
    place = next(n for n, s in enumerate(history) if before in s.next)
    (ran,) = history[place + 1].next
    graph.checkpointer.delete_thread(config["configurable"]["thread_id"])
    graph.update_state(config, {**history[place].values, **changes}, as_node=ran)
    return graph.invoke(None, config)
""",
            ),
            (
                "repeats-a-reducer",
                """
def what_if(graph, config, changes, before):
    past = next(s for s in graph.get_state_history(config) if before in s.next)
    return graph.invoke(None, graph.update_state(past.config, {**past.values, **changes}))
""",
            ),
        ],
        cheats=[
            """
def what_if(graph, config, changes, before):
    steps = {"reserve": 1, "charge": 2, "pack": 3, "confirm": 4, "sum_up": 3, "haggle": 2}
    history = list(graph.get_state_history(config))
    past = next(s for s in history if s.metadata["step"] == steps.get(before, 4))
    return graph.invoke(None, graph.update_state(past.config, changes))
""",
            """
def what_if(graph, config, changes, before):
    values = dict(graph.get_state(config).values) | changes
    return values | {"charged": 3 * values["price"]}
""",
        ],
    ),
    "prune_without_losing": Cases(
        right=[
            """
from agent_patterns.checkpoints import prune

def tidy(graph, names, keep):
    saver, removed = graph.checkpointer, 0
    for name in names:
        config = {"configurable": {"thread_id": name}}
        before = list(saver.list(config))
        if before:
            prune(saver, name, keep=keep if graph.get_state(config).next else 1)
        removed += len(before) - len(list(saver.list(config)))
    return removed
""",
            """
def tidy(graph, names, keep):
    saver, removed = graph.checkpointer, 0
    for name in names:
        entries = saver.rows.index(name)
        due = graph.get_state({"configurable": {"thread_id": name}}).next
        doomed = entries[keep if due else 1 :]
        saver.rows.remove(doomed)
        removed += len(doomed)
    return removed
""",
        ],
        wrong=[
            (
                "loses-the-past",
                """
from agent_patterns.checkpoints import prune

def tidy(graph, names, keep):
    return sum(prune(graph.checkpointer, name, keep=1).removed for name in names)
""",
            ),
            (
                "keeps-too-much",
                """
from agent_patterns.checkpoints import prune

def tidy(graph, names, keep):
    return sum(prune(graph.checkpointer, name, keep=keep + 1).removed for name in names)
""",
            ),
            (
                "touches-the-others",
                """
from agent_patterns.checkpoints import prune

def tidy(graph, names, keep):
    return prune(graph.checkpointer, keep=keep).removed
""",
            ),
            (
                "loses-the-result",
                """
from agent_patterns.checkpoints import prune

def tidy(graph, names, keep):
    removed = 0
    for name in names:
        if graph.get_state({"configurable": {"thread_id": name}}).next:
            removed += prune(graph.checkpointer, name, keep=keep).removed
        else:
            graph.checkpointer.delete_thread(name)
    return removed
""",
            ),
            (
                "counts-wrong",
                """
from agent_patterns.checkpoints import prune

def tidy(graph, names, keep):
    for name in names:
        due = graph.get_state({"configurable": {"thread_id": name}}).next
        report = prune(graph.checkpointer, name, keep=keep if due else 1)
    return report.removed
""",
            ),
            (
                "runs-an-order",
                """
from agent_patterns.checkpoints import prune

def tidy(graph, names, keep):
    removed = 0
    for name in names:
        config = {"configurable": {"thread_id": name}}
        if graph.get_state(config).next:
            graph.invoke(None, config)
        removed += prune(graph.checkpointer, name, keep=1).removed
    return removed
""",
            ),
        ],
        cheats=[
            """
from agent_patterns.checkpoints import prune

def tidy(graph, names, keep):
    prune(graph.checkpointer, names[0], keep=1)
    prune(graph.checkpointer, "MF-1042", keep=2)
    return 5
""",
        ],
    ),
    "migrate_a_running_thread": Cases(
        right=[
            """
def migrate(old, new, config):
    state = old.get_state(config)
    before = {
        ("reserve",): "price",
        ("charge",): "reserve",
        ("pack",): "take_payment",
        (): "pack",
    }
    if state.next in before:
        amount = {"cents": state.values["total"], "currency": "EUR"}
        new.update_state(config, {"amount": amount}, as_node=before[state.next])
""",
            """
from langgraph.graph import START

def migrate(old, new, config):
    values = old.get_state(config).values
    last = (values["done"] or [START])[-1]
    changes = None
    if "total" in values:
        changes = {"amount": dict(cents=values["total"], currency="EUR"), "done": []}
    new.update_state(config, changes, as_node={"charge": "take_payment"}.get(last, last))
""",
        ],
        wrong=[
            (
                "repeats-a-reducer",
                """
def migrate(old, new, config):
    values = old.get_state(config).values
    if values["done"]:
        last = values["done"][-1]
        changes = {"amount": {"cents": values["total"], "currency": "EUR"}}
        changes |= {"lines": values["lines"], "done": values["done"]}
        new.update_state(config, changes, as_node={"charge": "take_payment"}.get(last, last))
""",
            ),
            (
                "loses-the-amount",
                """
def migrate(old, new, config):
    values = new.get_state(config).values
    if values["done"]:
        last = values["done"][-1]
        new.update_state(config, None, as_node={"charge": "take_payment"}.get(last, last))
""",
            ),
            (
                "names-no-node",
                """
def migrate(old, new, config):
    values = old.get_state(config).values
    if values["done"]:
        amount = {"cents": values["total"], "currency": "EUR"}
        new.update_state(config, {"amount": amount}, as_node=values["done"][-1])
""",
            ),
            (
                "runs-an-order",
                """
def migrate(old, new, config):
    old.invoke(None, config)
""",
            ),
            (
                "starts-over",
                """
from langgraph.graph import START

def migrate(old, new, config):
    values = old.get_state(config).values
    amount = {"cents": values.get("total", 0), "currency": "EUR"}
    new.update_state(config, {"amount": amount, "lines": values["lines"]}, as_node=START)
""",
            ),
            (
                "forgets-the-order",
                """
def migrate(old, new, config):
    values = old.get_state(config).values
    if values["done"]:
        amount = {"cents": values["total"], "currency": "EUR"}
        new.update_state(config, {"amount": amount}, as_node="pack")
""",
            ),
        ],
        cheats=[
            """
def migrate(old, new, config):
    amount = {"cents": 1350, "currency": "EUR"}
    new.update_state(config, {"amount": amount}, as_node="reserve")
""",
        ],
    ),
}
