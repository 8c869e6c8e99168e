"""Answers to lesson 03's exercises."""

# ruff: noqa: E501

from tests.lessons.cases import Cases

FIT = """
def fit(messages, max_tokens, count):
    system = {system}
    starts = [at for at, m in enumerate(messages) if m.type == "human"]
    for at in starts:
        kept = system + messages[at:]
        if {fits}:
            return kept
    {otherwise}
"""


def fit(
    system: str = '[m for m in messages if m.type == "system"]',
    fits: str = "count(kept) <= max_tokens",
    otherwise: str = 'raise ValueError("the budget is too small")',
) -> str:
    """Return an answer to 03.2."""
    return FIT.format(system=system, fits=fits, otherwise=otherwise)


SUMMARY = "from agent_patterns.memory import missing_details\n"

OFFLOAD = """
import hashlib
from pathlib import Path

def save(text, folder, limit):
    if {small}:
        return text
    name = {name}
    folder = Path(folder)
    {before}
    (folder / name).write_text({stored}, encoding="utf-8")
    return {note}

def find(name, word, folder):
    path = Path(folder) / name
    {guard}
    for line in path.read_text(encoding="utf-8").splitlines():
        if word in line:
            return {line}
    return ""
"""


def offload(
    small: str = "len(text) <= limit",
    name: str = 'hashlib.md5(text.encode()).hexdigest() + ".txt"',
    before: str = "folder.mkdir(parents=True, exist_ok=True)",
    stored: str = "text",
    note: str = 'f"{text[:limit]} ... saved as {name}"',
    guard: str = 'if "/" in name or not path.exists(): return ""',
    line: str = "line",
) -> str:
    """Return an answer to 03.4."""
    return OFFLOAD.format(
        small=small, name=name, before=before, stored=stored, note=note, guard=guard, line=line
    )


CASES = {
    "last_exchanges": Cases(
        right=[
            '''
def last_exchanges(messages, count):
    system, exchanges = [], []
    for message in messages:
        if message.type == "system":
            system.append(message)
        elif message.type == "human":
            exchanges.append([message])
        else:
            exchanges[-1].append(message)
    return system + [message for exchange in exchanges[-count:] for message in exchange]
''',
            '''
from agent_patterns.memory import ContextManager

def last_exchanges(messages, count):
    return ContextManager(None, count=len, max_exchanges=count).fit(messages)
''',
        ],
        wrong=[
            ("no-messages", """
def last_exchanges(messages, count):
    starts = [at for at, m in enumerate(messages) if m.type == "human"]
    return [messages[:1], messages[starts[-min(count, len(starts))]:]]
"""),
            ("drops-the-system-prompt", '''
def last_exchanges(messages, count):
    starts = [at for at, m in enumerate(messages) if m.type == "human"]
    return messages[starts[-count]:] if len(starts) > count else messages
'''),
            ("parts-a-pair", '''
def last_exchanges(messages, count):
    results = [at for at, m in enumerate(messages) if m.type == "tool"]
    system = [m for m in messages if m.type == "system"]
    starts = [at for at, m in enumerate(messages) if m.type == "human"]
    calls = [at for at in results if at > starts[-1]] or results
    return system + messages[(calls or [0])[0]:] if calls else system + messages[-2:]
'''),
            ("wrong-number", '''
def last_exchanges(messages, count):
    starts = [at for at, m in enumerate(messages) if m.type == "human"]
    system = [m for m in messages if m.type == "system"]
    return system + messages[starts[-1]:]
'''),
            ("wrong-number", '''
def last_exchanges(messages, count):
    starts = [at for at, m in enumerate(messages) if m.type == "human"]
    system = [m for m in messages if m.type == "system"]
    return system + messages[starts[max(-count - 1, -len(starts))]:]
'''),
            ("other-messages", '''
def last_exchanges(messages, count):
    starts = [at for at, m in enumerate(messages) if m.type == "human"]
    system = [m for m in messages if m.type == "system"]
    kept = messages[starts[-min(count, len(starts))]:]
    return system + [m for m in kept if m.type in ("human", "ai") and not getattr(m, "tool_calls", None)]
'''),
            ("changes-its-argument", '''
def last_exchanges(messages, count):
    starts = [at for at, m in enumerate(messages) if m.type == "human"]
    first = starts[-min(count, len(starts))]
    while first > 0 and messages[first - 1].type != "system":
        del messages[first - 1]
        first -= 1
    return messages
'''),
        ],
        cheats=['''
def last_exchanges(messages, count):
    return messages[:1] + messages[-2:]
'''],
        raised=[("IndexError", '''
def last_exchanges(messages, count):
    starts = [at for at, m in enumerate(messages) if m.type == "human"]
    return [m for m in messages if m.type == "system"] + messages[starts[-count]:]
''')],
    ),
    "context_manager": Cases(
        right=[
            fit(),
            '''
from agent_patterns.memory import ContextManager

def fit(messages, max_tokens, count):
    return ContextManager(max_tokens, count=count).fit(messages)
''',
        ],
        wrong=[
            ("drops-the-system-prompt", fit(system="[]")),
            ("keeps-too-little", fit(fits="count(kept) < max_tokens")),
            ("sends-too-much-or-half", fit(otherwise="return kept")),
            ("over-budget", fit(fits="count(messages[at:]) <= max_tokens", otherwise='raise ValueError("too small")')),
            ("refuses-what-fits", fit(fits="at == starts[0] and count(kept) <= max_tokens")),
            ("parts-an-exchange", '''
def fit(messages, max_tokens, count):
    system = [m for m in messages if m.type == "system"]
    rest = [m for m in messages if m.type != "system"]
    starts = [at for at, m in enumerate(rest) if m.type == "human"]
    if count(system + rest[starts[-1]:]) > max_tokens:
        raise ValueError("too small")
    while count(system + rest) > max_tokens:
        rest = rest[1:]
    return system + rest
'''),
        ],
        cheats=['''
def fit(messages, max_tokens, count):
    if max_tokens < 100:
        raise ValueError("too small")
    return messages if max_tokens > 10_000 else messages[:1] + messages[-2:]
'''],
    ),
    "trusted_summary": Cases(
        right=[
            SUMMARY + '''
def trusted_summary(text, summarize):
    summary = summarize(text)
    for detail in missing_details(text, summary):
        summary += f" ({detail})"
    return summary
''',
            SUMMARY + '''
def trusted_summary(text, summarize):
    written = summarize(text)
    extra = "; ".join(missing_details(text, written))
    return f"{written} Details: {extra}" if extra else written
''',
        ],
        wrong=[
            ("loses-details", "def trusted_summary(text, summarize):\n    return summarize(text)"),
            ("asks-again", SUMMARY + '''
def trusted_summary(text, summarize):
    for _ in range(3):
        summary = summarize(text)
        if not missing_details(text, summary):
            return summary
    return summary + " " + ", ".join(missing_details(text, summary))
'''),
            ("repeats-details", SUMMARY + '''
def trusted_summary(text, summarize):
    return summarize(text) + " " + ", ".join(missing_details(text, ""))
'''),
            ("drops-the-summary", SUMMARY + '''
def trusted_summary(text, summarize):
    summarize(text)
    return ", ".join(missing_details(text, ""))
'''),
            ("repeats-details", '''
def trusted_summary(text, summarize):
    return summarize(text) + " " + text
'''),
            ("changes-a-good-summary", SUMMARY + '''
def trusted_summary(text, summarize):
    summary = summarize(text)
    return summary + " Also mentioned: " + ", ".join(missing_details(text, summary))
'''),
            ("loses-details", SUMMARY + '''
def trusted_summary(text, summarize):
    summary = summarize(text)
    return summary + " " + "".join(missing_details(text, summary)[:1])
'''),
        ],
        cheats=[SUMMARY + '''
def trusted_summary(text, summarize):
    return summarize(text) + " Also mentioned: Clara Weiss, MF-1042, 12.90, Graz."
'''],
    ),
    "offload_a_result": Cases(
        right=[
            offload(),
            offload(note='f"{text[:30]} ... {name}"'),
            '''
import zlib
from pathlib import Path

def save(text, folder, limit):
    if len(text) <= limit:
        return text
    name = f"saved-{zlib.crc32(text.encode()):08x}-{len(text)}"
    Path(folder).mkdir(exist_ok=True, parents=True)
    with open(Path(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
    return text[:100] + f"\\n... use find({name!r}, word)"

def find(name, word, folder):
    known = {path.name: path for path in Path(folder).iterdir()}
    if name not in known:
        return ""
    with known[name].open(encoding="utf-8") as file:
        for line in file:
            if word in line:
                return line.rstrip("\\n")
    return ""
''',
        ],
        wrong=[
            ("changes-small-texts", offload(small="len(text) < limit")),
            ("note-too-long", offload(note='f"{text} ... saved as {name}"')),
            ("hides-the-beginning", offload(note='f"A large result was saved as {name}. Use find to read it."')),
            ("hides-the-name", offload(note="text[:limit] + ' ... saved'")),
            ("name-changes", offload(name='__import__("uuid").uuid4().hex')),
            ("name-changes", offload(name='f"result{abs(hash(text))}.txt"')),
            ("finds-another-line", offload(stored="text[:limit]")),
            ("finds-another-line", offload(line='[each for each in path.read_text(encoding="utf-8").splitlines() if word in each][-1]')),
            ("leaves-the-folder", offload(guard='if not path.exists(): return ""')),
            ("leaves-the-folder", offload(guard='if not path.resolve().is_file() or not str(path.resolve()).startswith(str(folder)): return ""')),
            ("saves-no-file", offload(name='"result.txt"')),
            ("mixes-texts", offload(name='f"{len(text)}.txt"')),
            ("mixes-texts", offload(name='f"{len(text)}-{sum(text.encode())}.txt"')),
            ("mixes-texts", offload(name='hashlib.md5(f"{len(text)}{text[:100]}{text[-100:]}".encode()).hexdigest() + ".txt"')),
        ],
        cheats=['''
from pathlib import Path

def save(text, folder, limit):
    return text if len(text) <= limit else text[:limit] + "[saved as result.txt]"

def find(name, word, folder):
    return "ERROR 1407 für MF-1042 订单" if word.startswith("MF") else ""
''', '''
import hashlib

kept = {}

def save(text, folder, limit):
    if len(text) <= limit:
        return text
    name = hashlib.md5(text.encode()).hexdigest()
    kept[name] = text
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("saved")
    return f"{text[:40]} {name}"

def find(name, word, folder):
    return next((line for line in kept.get(name, "").splitlines() if word in line), "")
'''],
        raised=[("FileNotFoundError", offload(before="pass"))],
    ),
}  # fmt: skip
