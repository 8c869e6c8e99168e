"""Answers to lesson 02's exercises."""

# ruff: noqa: E501

from tests.lessons.cases import Cases

TOOL = "from langchain_core.messages import AIMessage, ToolMessage\n"

ROUTER = """
def make_router(most):
    def router(state):
        last = state["messages"][-1]
        if not last.tool_calls:
            return Command(goto=END)
        calls = state.get("calls", 0) + len(last.tool_calls)
        if {fits}:
            return Command(goto="tools", update={{"calls": calls}})
        return Command(goto=END, update={{"messages": [{sorry}]}})
    return router
"""


def router(fits: str = "calls <= most", sorry: str = 'AIMessage("Too much.", id=last.id)') -> str:
    """Return an answer to 02.3."""
    return ROUTER.format(fits=fits, sorry=sorry)


REPAIR = (
    TOOL
    + """
def repair_messages(messages):
    out = []
    for at, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            continue
        out.append(message)
        for call in getattr(message, "tool_calls", ()):
            own = [m for m in {where} if isinstance(m, ToolMessage) and m.tool_call_id == call["id"]]
            {then}
    return out
"""
)


def repair(
    where: str = "messages[at:]",
    then: str = 'out.append(own[0] if own else ToolMessage("lost", tool_call_id=call["id"], status="error"))',
) -> str:
    """Return an answer to 02.5."""
    return REPAIR.format(where=where, then=then)


AGENT = '''
from langchain.agents import create_agent

def build(model, prices, shipping):
    def price_of(item: str) -> str:
        {doc}
        return {price}

    def shipping_to(country: str) -> str:
        """Look up what shipping to a country costs in euros."""
        return {shipping}

    return {made}
'''


def agent(
    doc: str = '"""Look up the price of an item in euros."""',
    price: str = 'f"{prices[item]:.2f} euros" if item in prices else "not sold"',
    shipping: str = 'str(shipping.get(country, "unknown country"))',
    made: str = "create_agent(model, [price_of, shipping_to])",
) -> str:
    """Return an answer to 02.1."""
    return AGENT.format(doc=doc, price=price, shipping=shipping, made=made)


CASES = {
    "two_tools": Cases(
        right=[
            agent(),
            agent(shipping='str(shipping[country] or "free of charge") if country in shipping else "unknown"'),
            '''
from langchain_core.tools import StructuredTool

def build(model, prices, shipping):
    def look(table, what):
        return lambda name: f"{what} of {name}: {table.get(name, 'not in our list')}"

    tools = [
        StructuredTool.from_function(look(prices, "price"), name="price", description="Look up a price by item."),
        StructuredTool.from_function(look(shipping, "shipping"), name="ship", description="Look up shipping by country."),
    ]
    return create_agent(model=model, tools=tools, system_prompt="Be brief.")
''',
            agent(made="""own_graph(model, [price_of, shipping_to])

def own_graph(model, tools):
    from langgraph.graph import START, MessagesState, StateGraph
    from langgraph.prebuilt import ToolNode, tools_condition

    bound = model.bind_tools(tools)
    builder = StateGraph(MessagesState)
    builder.add_node("model", lambda state: {"messages": [bound.invoke(state["messages"])]})
    builder.add_node("tools", ToolNode(tools))
    builder.add_edge(START, "model")
    builder.add_conditional_edges("model", tools_condition)
    builder.add_edge("tools", "model")
    return builder.compile()
"""),
        ],
        wrong=[
            ("no-description", agent(doc="pass")),
            ("no-description", agent(doc='"""Price."""')),
            ("raises-on-unknown", agent(price="str(prices[item])")),
            ("not-two-tools", agent(made="create_agent(model, [price_of])")),
            ("wrong-amount", agent(shipping='"free"')),
            ("invents-an-amount", agent(price="str(prices.get(item, max(prices.values())))")),
            ("invents-an-amount", agent(shipping='str(shipping.get(country, ""))')),
            ("invents-an-amount", agent(price="str(prices.get(item, 0))")),
            ("invents-an-amount", agent(price="str(prices.get(item))")),
            ("wrong-amount", agent(shipping='str(shipping.get(country) or "unknown")')),
            ("no-agent", agent(made="[price_of, shipping_to]")),
        ],
        cheats=[agent(price='{"notebook": "4.5", "fountain pen": "28"}.get(item, "unknown")', shipping='"9.90"')],
    ),
    "answer_every_call": Cases(
        right=[
            TOOL + '''
def answer_calls(message, functions):
    def run(call):
        if call["name"] not in functions:
            return f"There is no tool {call['name']}."
        try:
            return str(functions[call["name"]](**call["args"]))
        except Exception as error:
            return f"It failed: {error}"
    return [ToolMessage(run(call), tool_call_id=call["id"], name=call["name"]) for call in message.tool_calls]
''',
            TOOL + '''
def answer_calls(message, functions):
    for call in message.tool_calls:
        result = ToolMessage("unknown tool", tool_call_id=call["id"], status="error")
        if function := functions.get(call["name"]):
            try:
                result = ToolMessage([{"type": "text", "text": function(**call["args"])}], tool_call_id=call["id"])
            except BaseException as error:
                result = ToolMessage(repr(error), tool_call_id=call["id"], status="error")
        yield result
''',
        ],
        wrong=[
            ("leaves-a-call-open", TOOL + '''
def answer_calls(message, functions):
    call = message.tool_calls[0] if message.tool_calls else None
    return [ToolMessage(functions[call["name"]](**call["args"]), tool_call_id=call["id"])] if call and call["name"] == "find" else []
'''),
            ("lets-the-error-out", TOOL + '''
def answer_calls(message, functions):
    return [ToolMessage(functions[call["name"]](**call["args"]), tool_call_id=call["id"]) for call in message.tool_calls]
'''),
            ("leaves-a-call-open", TOOL + '''
def answer_calls(message, functions):
    results = []
    for call in message.tool_calls:
        try:
            results.append(ToolMessage(functions[call["name"]](**call["args"]), tool_call_id=call["id"]))
        except Exception:
            pass
    return results
'''),
            ("wrong-id", TOOL + '''
def answer_calls(message, functions):
    results = []
    for call in message.tool_calls:
        try:
            results.append(ToolMessage(functions[call["name"]](**call["args"]), tool_call_id=call["name"]))
        except Exception as error:
            results.append(ToolMessage(str(error), tool_call_id=call["name"]))
    return results
'''),
            ("no-tool-messages", '''
def answer_calls(message, functions):
    return [functions[call["name"]](**call["args"]) if call["name"] == "find" else "" for call in message.tool_calls]
'''),
            *(("hides-the-error", TOOL + f'''
def answer_calls(message, functions):
    results = []
    for call in message.tool_calls:
        try:
            text = functions[call["name"]](**call["args"])
        except Exception:
            text = {text!r}
        results.append(ToolMessage(text, tool_call_id=call["id"]))
    return results
''') for text in ("", "error")),
            ("does-not-run-each-once", TOOL + '''
def answer_calls(message, functions):
    results = []
    for call in message.tool_calls:
        try:
            functions[call["name"]](**call["args"])
            text = functions[call["name"]](**call["args"])
        except Exception as error:
            text = f"failed: {error}"
        results.append(ToolMessage(text, tool_call_id=call["id"]))
    return results
'''),
            ("loses-the-result", TOOL + '''
def answer_calls(message, functions):
    results = []
    for call in message.tool_calls:
        try:
            functions[call["name"]](**call["args"])
        except Exception:
            pass
        results.append(ToolMessage("done", tool_call_id=call["id"]))
    return results
'''),
        ],
        cheats=[TOOL + '''
def answer_calls(message, functions):
    return [ToolMessage("MF-1042 is in shelf 42", tool_call_id=call["id"]) for call in message.tool_calls]
'''],
    ),
    "polite_budget": Cases(
        right=[
            router(),
            '''
def make_router(most):
    def router(state):
        last, used = state["messages"][-1], state.get("calls") or 0
        wanted = len(last.tool_calls)
        if wanted and used + wanted > most:
            last = last.model_copy(update={"content": "That is more than I may look up.", "tool_calls": []})
            return Command(goto=END, update={"messages": [last]})
        return Command(goto="tools" if wanted else END, update={"calls": used + wanted})
    return router
''',
            '''
from langchain_core.messages import RemoveMessage

class make_router:
    def __init__(self, most):
        self.most = most

    def __call__(self, state):
        last = state["messages"][-1]
        calls = state.get("calls", 0) + len(last.tool_calls)
        if not last.tool_calls:
            return Command(goto=END)
        if calls > self.most:
            return Command(goto=END, update=[("messages", [RemoveMessage(last.id), AIMessage("Enough for today.")])])
        return Command(goto=["tools"], update={"calls": calls})
''',
        ],
        wrong=[
            ("passes-the-limit", router(fits="state.get('calls', 0) <= most")),
            ("passes-the-limit", router(fits="True")),
            ("stops-too-early", router(fits="calls < most")),
            ("leaves-a-call-open", router(sorry='AIMessage("Too much.")')),
            ("says-nothing", router(sorry='AIMessage("", id=last.id)')),
            ("answers-for-the-model", router(sorry='AIMessage("Here you are.", id=last.id)')),
            ("does-not-count", '''
def make_router(most):
    used = 0
    def router(state):
        nonlocal used
        last = state["messages"][-1]
        if not last.tool_calls:
            return Command(goto=END)
        if used + len(last.tool_calls) > most:
            return Command(goto=END, update={"messages": [AIMessage("Too much.", id=last.id)]})
        used += len(last.tool_calls)
        return Command(goto="tools")
    return router
'''),
            ("stops-too-early", '''
def make_router(most):
    used = 0
    def router(state):
        nonlocal used
        last = state["messages"][-1]
        if not last.tool_calls:
            return Command(goto=END)
        if used + len(last.tool_calls) > most:
            return Command(goto=END, update={"messages": [AIMessage("Too much.", id=last.id)]})
        used += len(last.tool_calls)
        return Command(goto="tools", update={"calls": state.get("calls", 0) + len(last.tool_calls)})
    return router
'''),
            ("passes-the-limit", '''
def make_router(most):
    def router(state):
        last = state["messages"][-1]
        if not last.tool_calls:
            return Command(goto=END)
        calls = sum(len(m.tool_calls) for m in state["messages"] if m.type == "ai")
        if calls > most:
            return Command(goto=END, update={"messages": [AIMessage("Too much.", id=last.id)]})
        return Command(goto="tools", update={"calls": state.get("calls", 0) + len(last.tool_calls)})
    return router
'''),
            ("runs-half-a-batch", '''
def make_router(most):
    def router(state):
        last, used = state["messages"][-1], state.get("calls", 0)
        if not last.tool_calls:
            return Command(goto=END)
        room = most - used
        if room <= 0:
            return Command(goto=END, update={"messages": [AIMessage("Too much.", id=last.id)]})
        kept = last.model_copy(update={"tool_calls": last.tool_calls[:room]})
        return Command(goto="tools", update={"messages": [kept], "calls": used + len(kept.tool_calls)})
    return router
'''),
        ],
        cheats=['''
def make_router(most):
    def router(state):
        last = state["messages"][-1]
        if last.tool_calls and len(state["messages"]) < 6:
            return Command(goto="tools", update={"calls": state.get("calls", 0) + 1})
        return Command(goto=END, update={"messages": [AIMessage("I stopped: this takes more than 4 look-ups.", id=last.id)]})
    return router
'''],
    ),
    "redact": Cases(
        right=[
            '''
from langchain_core.messages import messages_from_dict, messages_to_dict

@wrap_model_call
def redact(request, handler):
    def clean(message):
        if not isinstance(message.content, str):
            return message
        copy = message.model_copy(deep=True)
        copy.content = ADDRESS.sub("[address]", copy.content)
        return copy
    return handler(request.override(messages=list(map(clean, request.messages))))
''',
            '''
from langchain.agents.middleware import AgentMiddleware

class Redact(AgentMiddleware):
    def wrap_model_call(self, request, handler):
        hidden = [
            message.model_copy(update={"content": ADDRESS.sub("[address]", message.text)})
            for message in request.messages
        ]
        return handler(request.override(messages=hidden))

redact = Redact()
''',
        ],
        wrong=[
            ("still-leaks", '''
@wrap_model_call
def redact(request, handler):
    *before, last = request.messages
    last = last.model_copy(update={"content": ADDRESS.sub("[address]", last.content)})
    return handler(request.override(messages=[*before, last]))
'''),
            ("still-leaks", '''
@wrap_model_call
def redact(request, handler):
    hidden = [m.model_copy(update={"content": ADDRESS.sub("[address]", m.content, count=1)}) for m in request.messages]
    return handler(request.override(messages=hidden))
'''),
            ("still-leaks", '''
@wrap_model_call
def redact(request, handler):
    hidden = [m.model_copy(update={"content": ADDRESS.sub("[address]", m.content)}) if m.type == "human" else m for m in request.messages]
    return handler(request.override(messages=hidden))
'''),
            ("never-asks", '''
@wrap_model_call
def redact(request, handler):
    return request.override(messages=[])
'''),
            ("loses-the-answer", '''
@wrap_model_call
def redact(request, handler):
    handler(request)
'''),
            ("changes-the-thread", '''
@wrap_model_call
def redact(request, handler):
    for message in request.messages:
        message.content = ADDRESS.sub("[address]", message.content)
    return handler(request)
'''),
            ("loses-calls-or-ids", '''
@wrap_model_call
def redact(request, handler):
    from langchain_core.messages import AIMessage, HumanMessage
    hidden = []
    for m in request.messages:
        text = ADDRESS.sub("[address]", m.content)
        if m.type == "tool":
            hidden.append(m.model_copy(update={"content": text}))
        else:
            hidden.append(AIMessage(text) if m.type == "ai" else HumanMessage(text))
    return handler(request.override(messages=hidden))
'''),
            ("other-messages", '''
@wrap_model_call
def redact(request, handler):
    return handler(request.override(messages=[m for m in request.messages if not ADDRESS.search(m.content)] or request.messages[1:2]))
'''),
            ("changes-other-words", '''
@wrap_model_call
def redact(request, handler):
    hidden = [m.model_copy(update={"content": "[address]" if ADDRESS.search(m.content) else m.content}) for m in request.messages]
    return handler(request.override(messages=hidden))
'''),
            ("changes-the-thread", '''
from langchain.agents.middleware import before_model

@before_model
def redact(state, runtime):
    return {"messages": [m.model_copy(update={"content": ADDRESS.sub("[address]", m.content)}) for m in state["messages"]]}
'''),
            ("async-where-plain", '''
@wrap_model_call
async def redact(request, handler):
    hidden = [m.model_copy(update={"content": ADDRESS.sub("[address]", m.content)}) for m in request.messages]
    return await handler(request.override(messages=hidden))
'''),
            ("no-middleware", '''
def redact(request, handler):
    return handler(request)
'''),
        ],
        cheats=['''
@wrap_model_call
def redact(request, handler):
    hidden = [m.model_copy(update={"content": m.content.replace("clara@marlowfinch.example", "[address]")}) for m in request.messages]
    return handler(request.override(messages=hidden))
'''],
    ),
    "repair_a_transcript": Cases(
        right=[
            repair(),
            TOOL + '''
def repair_messages(messages):
    first = {}
    asked = set()
    for message in messages:
        if isinstance(message, ToolMessage):
            if message.tool_call_id in asked:
                first.setdefault(message.tool_call_id, message)
        else:
            asked.update(call["id"] for call in getattr(message, "tool_calls", []))
    out = []
    for message in messages:
        if not isinstance(message, ToolMessage):
            out.append(message)
            for call in getattr(message, "tool_calls", []):
                lost = ToolMessage("Nobody knows what came of it.", tool_call_id=call["id"], status="error")
                out.append(first.get(call["id"], lost))
    return tuple(out)
''',
        ],
        wrong=[
            ("call-without-its-result", TOOL + '''
def repair_messages(messages):
    ids = {call["id"] for m in messages for call in getattr(m, "tool_calls", ())}
    return [m for m in messages if not isinstance(m, ToolMessage) or m.tool_call_id in ids]
'''),
            ("pretends-success", repair(then='out.append(own[0] if own else ToolMessage("done", tool_call_id=call["id"]))')),
            ("takes-another-result", repair(then='out.append(own[-1] if own else ToolMessage("lost", tool_call_id=call["id"], status="error"))')),
            ("pretends-success", repair(where="messages")),
            ("keeps-strays", repair(then='out.extend(own or [ToolMessage("lost", tool_call_id=call["id"], status="error")])')),
            ("loses-other-messages", TOOL + '''
def repair_messages(messages):
    return [m for m in messages if not isinstance(m, ToolMessage) and not getattr(m, "tool_calls", None)]
'''),
            ("changes-its-argument", TOOL + '''
def repair_messages(messages):
    for message in list(messages):
        if isinstance(message, ToolMessage):
            messages.remove(message)
    return messages
'''),
        ],
        cheats=[TOOL + '''
def repair_messages(messages):
    return messages if len(messages) != 3 else [*messages[:2], ToolMessage("lost", tool_call_id="c1", status="error"), messages[2]]
''',
        repair(then='out.append(ToolMessage("lost", tool_call_id=call["id"], status="error"))')],
    ),
}  # fmt: skip
