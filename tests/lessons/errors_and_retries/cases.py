# ruff: noqa: E501  (the answers are whole cells, kept on few lines)
"""Answers to module 08's exercises."""

from tests.lessons.cases import Cases

TOOL_BY_HAND = """
import httpx

def make_tracking_tool(fetch, sleep):
    def worth_it(error):
        if isinstance(error, httpx.HTTPStatusError):
            return error.response.status_code == 429 or error.response.status_code >= 500
        return isinstance(error, httpx.TransportError)

    def track(parcel):
        pause = 1.0
        for attempt in range(3):
            try:
                return fetch(parcel)
            except Exception as error:
                if not worth_it(error) or attempt == 2:
                    return "The carrier does not answer; please ask again later."
                asked = 0.0
                if isinstance(error, httpx.HTTPStatusError):
                    asked = float(error.response.headers.get("retry-after", 0))
                sleep(max(pause, asked))
                pause *= 2

    return track
"""

TOOL_TENACITY = """
import tenacity
from agent_patterns.resilience import classify, is_retryable
from agent_patterns.resilience.backoff import Exponential
from agent_patterns.resilience.classification import retry_after

def make_tracking_tool(fetch, sleep):
    asking = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(3),
        retry=tenacity.retry_if_exception(is_retryable),
        wait=lambda state: max(Exponential(1)(state), retry_after(state.outcome.exception()) or 0),
        sleep=sleep,
    )

    def track(parcel):
        try:
            return asking(fetch, parcel)
        except Exception:
            return f"Parcel {parcel} cannot be tracked at the moment."

    return track
"""


TOOL_OF_LANGCHAIN = """
from langchain_core.tools import tool

def make_tracking_tool(fetch, sleep):
    asking = Retry(3, backoff=FullJitter(0.5), sleep=sleep)

    @tool
    def track(parcel: str) -> str:
        \"\"\"Where the parcel is.\"\"\"
        try:
            return asking.call(fetch, parcel)
        except Exception:
            return "荷物の状況を確認できません。"

    return track
"""


def tool(body: str) -> str:
    lines = "\n".join(f"        {line}" for line in body.strip("\n").splitlines())
    return f"def make_tracking_tool(fetch, sleep):\n    def track(parcel):\n{lines}\n    return track\n"


RETRYING = """
for attempt in range(3):
    try:
        return fetch(parcel)
    except Exception as error:
        last = error
        {handle}
{end}
"""


def breaker(replace: dict[str, str]) -> str:
    from courseware.lessons import exercise

    source = exercise("08.2").solution_code
    for old, new in replace.items():
        assert old in source, old
        source = source.replace(old, new)
    return source


def desk(model: str, call: str, node: str = "") -> str:
    return f"""
class Ticket(TypedDict, total=False):
    question: str
    answer: str

def build_desk(options):
    llm = {model}

    def answer(ticket):
        {call}

    builder = StateGraph(Ticket)
    builder.add_node("answer", answer{node})
    builder.add_edge(START, "answer")
    builder.add_edge("answer", END)
    return builder.compile()
"""


INVOKE = 'return {"answer": llm.invoke(ticket["question"]).content}'
FAST = "max_attempts=3, initial_interval=0.01, jitter=False"
ONLY = (
    f", retry_policy=RetryPolicy({FAST}, retry_on=lambda error:"
    " (status := getattr(error, 'status_code', 0)) is not None and {when})"
)

CASES = {
    "resilient_tool": Cases(
        right=[TOOL_BY_HAND, TOOL_TENACITY, TOOL_OF_LANGCHAIN],
        wrong=[
            ("lets-the-error-out", tool("return fetch(parcel)")),
            (
                "claims-to-know",
                tool(
                    """
try:
    return Retry(3, backoff=FullJitter(0.5), sleep=sleep).call(fetch, parcel)
except Exception:
    return "Your parcel arrives tomorrow."
"""
                ),
            ),
            (
                "swallows-the-stop",
                tool(
                    """
try:
    return Retry(3, backoff=FullJitter(0.5), sleep=sleep).call(fetch, parcel)
except BaseException:
    return "Sorry, not known now."
"""
                ),
            ),
            (
                "retries-what-stays",
                TOOL_BY_HAND.replace("code == 429 or", "code != 401 or"),
            ),
            (
                "retries-the-unknown",
                TOOL_BY_HAND.replace(
                    "TransportError)", "TransportError) or type(error) is RuntimeError"
                ),
            ),
            (
                "ignores-retry-after",
                TOOL_BY_HAND.replace("pause = 1.0", "pause = 7.0").replace(
                    "max(pause, asked)", "pause"
                ),
            ),
            (
                "ignores-retry-after",
                TOOL_BY_HAND.replace(
                    "isinstance(error, httpx.HTTPStatusError):\n                    asked",
                    "getattr(getattr(error, 'response', None), 'status_code', 0) == 429:\n                    asked",
                ),
            ),
            ("waits-shrink", TOOL_BY_HAND.replace("pause *= 2", "pause /= 2")),
            (
                "leaks-the-error",
                TOOL_BY_HAND.replace(
                    '"The carrier does not answer; please ask again later."',
                    'f"Sorry, no news: {str(error)[:40]}"',
                ),
            ),
            ("async-where-plain", TOOL_BY_HAND.replace("    def track", "    async def track")),
            ("async-where-plain", TOOL_BY_HAND.replace("def make", "async def make")),
            (
                "retries-authentication",
                tool(RETRYING.format(handle="sleep(9)", end='return "Sorry, not known now."')),
            ),
            (
                "retries-forever",
                tool(
                    """
while True:
    try:
        return fetch(parcel)
    except Exception as error:
        if not classify(error).retryable:
            return "Sorry, not known now."
        sleep(8)
"""
                ),
            ),
            (
                "leaks-the-error",
                tool(
                    """
try:
    return Retry(3, sleep=sleep).call(fetch, parcel)
except Exception as error:
    return f"Tracking failed: {error}"
"""
                ),
            ),
            (
                "says-nothing",
                tool(
                    """
try:
    return Retry(3, sleep=sleep).call(fetch, parcel)
except Exception:
    return None
"""
                ),
            ),
            (
                "gives-up-too-early",
                tool(
                    """
try:
    return fetch(parcel)
except Exception as error:
    return classify(error).user_message
"""
                ),
            ),
            (
                "retries-at-once",
                tool(
                    RETRYING.format(
                        handle="if not classify(error).retryable: break",
                        end="return classify(last).user_message",
                    )
                ),
            ),
            (
                "ignores-retry-after",
                tool(
                    RETRYING.format(
                        handle="""if not classify(error).retryable: break
        sleep(1)""",
                        end="return classify(last).user_message",
                    )
                ),
            ),
            (
                "waits-for-nothing",
                tool(
                    RETRYING.format(
                        handle="""if not classify(error).retryable: break
        sleep((retry_after(error) or 0) + 2 ** attempt)""",
                        end="return classify(last).user_message",
                    )
                ).replace(
                    "def make",
                    "from agent_patterns.resilience.classification import retry_after\n\ndef make",
                    1,
                ),
            ),
            (
                "lets-the-error-out",
                tool(
                    """
try:
    return Retry(3, sleep=sleep).call(fetch, parcel)
except httpx.HTTPError:
    return "The carrier does not answer at the moment."
"""
                ).replace("def make", "import httpx\n\ndef make", 1),
            ),
            (
                "says-nothing",
                tool(
                    """
try:
    return Retry(3, sleep=sleep).call(fetch, parcel)
except Exception:
    return "."
"""
                ),
            ),
            (
                "says-nothing",
                tool(
                    """
try:
    return Retry(3, sleep=sleep).call(fetch, parcel)
except RuntimeError:
    return ""
except Exception as error:
    return classify(error).user_message
"""
                ),
            ),
            (
                "not-three-attempts",
                tool(
                    """
try:
    return Retry(10, backoff=FullJitter(0.5), sleep=sleep).call(fetch, parcel)
except Exception as error:
    return classify(error).user_message
"""
                ),
            ),
            (
                "not-three-attempts",
                TOOL_BY_HAND.replace("range(3)", "range(25)").replace(
                    "attempt == 2", "attempt == 24"
                ),
            ),
            (
                "always-waits-the-same",
                tool(
                    """
try:
    return Retry(3, backoff=Constant(1), sleep=sleep).call(fetch, parcel)
except Exception as error:
    return classify(error).user_message
"""
                ).replace(
                    "def make",
                    "from agent_patterns.resilience.backoff import Constant\n\ndef make",
                    1,
                ),
            ),
        ],
        raised=[
            (
                "NameError",
                tool("return fetsch(parcel)").replace("def track", "fetsch\n    def track"),
            ),
            (
                "`track`, line 8 of the cell: `if tries > 2:`",
                tool(
                    """
try:
    return fetch(parcel)
except KeyError:
    tries = 0
except Exception:
    if tries > 2:
        return "Sorry, not known now."
"""
                ),
            ),
        ],
    ),
    "breaker_with_kinds": Cases(
        right=[
            """
from agent_patterns.resilience import CircuitBreaker, Kind

class Breaker:
    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.inner = CircuitBreaker(
            failures=failures, kinds={Kind.TIMEOUT: timeouts}, open_for=open_for, clock=clock
        )

    def call(self, service):
        return self.inner.call(service)
""",
            """
class Breaker:
    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.clock, self.open_for = clock, open_for
        self.timeouts, self.failures = timeouts, failures
        self.state, self.recent, self.since = "closed", [], 0.0

    def call(self, service):
        if self.state == "open" and self.clock() - self.since >= self.open_for:
            self.state = "ready"
        if self.state in ("open", "probing"):
            raise RuntimeError("open")
        before = self.state
        if before == "ready":
            self.state = "probing"
        try:
            result = service()
        except (TimeoutError, ConnectionError) as error:
            self.recent.append(isinstance(error, TimeoutError))
            late = sum(self.recent)
            if before == "ready" or late >= self.timeouts or len(self.recent) - late >= self.failures:
                self.state, self.since, self.recent = "open", self.clock(), []
            raise
        except BaseException:
            self.state = before
            raise
        self.state, self.recent = "closed", []
        return result
""",
            breaker({"class Refused(Exception)": "class Refused(LookupError)"}),
        ],
        wrong=[
            ("async-where-plain", breaker({"    def call": "    async def call"})),
            (
                "misses-subclasses",
                breaker({"if isinstance(error, kind)": "if type(error) is kind"}),
            ),
            (
                "counts-the-callers-mistakes",
                breaker({"ConnectionError: failures}": "OSError: failures}"}),
            ),
            (
                "shared-between-breakers",
                breaker(
                    {
                        "    def __init__": "    counts = {TimeoutError: 0, ConnectionError: 0}\n\n    def __init__",
                        "self.counts = dict.fromkeys(self.limits, 0)": "self.counts.update(dict.fromkeys(self.limits, 0))",
                    }
                ),
            ),
            (
                "probe-never-comes-back",
                breaker(
                    {
                        "        finally:\n            self.probe_out = False": "",
                        "            raise\n        else": "            self.probe_out = False\n            raise\n        else",
                    }
                ),
            ),
            (
                "probe-never-comes-back",
                breaker(
                    {
                        "            raise\n        else": "            if self.probe_out:\n"
                        "                self.open()\n            raise\n        else",
                    }
                ),
            ),
            (
                "ignores-its-numbers",
                breaker({"TimeoutError: timeouts": "TimeoutError: 2"}),
            ),
            (
                "ignores-its-numbers",
                breaker({"ConnectionError: failures}": "ConnectionError: 4}"}),
            ),
            (
                "ignores-its-numbers",
                breaker({"self.open_for = open_for": "self.open_for = 30.0"}),
            ),
            (
                "never-resets",
                breaker(
                    {
                        "        else:\n            self.close()\n": "        else:\n            if self.probe_out: self.close()\n"
                    }
                ),
            ),
            (
                "counts-the-callers-mistakes",
                breaker({"ConnectionError: failures}": "Exception: failures}"}),
            ),
            (
                "one-count-for-all",
                breaker(
                    {
                        "TimeoutError: timeouts, ConnectionError: failures": "(TimeoutError, ConnectionError): failures"
                    }
                ),
            ),
            ("lets-everyone-through", breaker({"self.probe_out or self.clock()": "self.clock()"})),
            (
                "failed-probe-does-not-reopen",
                breaker({"if self.probe_out or self.counts[kind]": "if self.counts[kind]"}).replace(
                    "            self.probe_out = True\n",
                    "            self.probe_out = True\n            self.counts = dict.fromkeys(self.limits, 0)\n            self.open_until = 0.0\n",
                ),
            ),
            (
                "probe-never-comes-back",
                breaker(
                    {
                        "        finally:\n            self.probe_out = False": "",
                        "            raise\n        else": "                self.probe_out = False\n            raise\n        else",
                    }
                ),
            ),
            (
                "opens-not-long-enough",
                breaker({"self.clock() + self.open_for": "self.clock() + self.open_for / 2"}),
            ),
            (
                "never-probes",
                breaker({"if self.probe_out or self.clock() < self.open_until": "if True"}),
            ),
            (
                "keeps-the-old-count",
                breaker(
                    {
                        "        else:\n            self.close()\n": "        else:\n            if self.probe_out: self.open_until = None\n            else: self.close()\n"
                    }
                ),
            ),
            (
                "swallows-errors",
                """
class Breaker:
    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.left = {TimeoutError: timeouts, ConnectionError: failures}

    def call(self, service):
        try:
            return service()
        except Exception:
            return None
""",
            ),
            (
                "never-opens",
                """
class Breaker:
    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.clock, self.timeouts, self.open_for = clock, timeouts, open_for
        self.count = 0

    def call(self, service):
        if self.count >= self.timeouts:
            raise RuntimeError("open")
        try:
            return service()
        except TimeoutError:
            self.count += 1
            raise
""",
            ),
            (
                "refuses-silently",
                breaker({'raise Refused("the service is resting")': "return None"}),
            ),
        ],
        raised=[
            ("AttributeError", breaker({"self.open_for = open_for": "pass"})),
        ],
    ),
    "find_the_retry_storm": Cases(
        right=[
            desk("ChatOpenAI(**options)", INVOKE),
            desk(
                "ChatOpenAI(**options, max_retries=0)",
                INVOKE,
                f", retry_policy=RetryPolicy({FAST}, retry_on=is_retryable)",
            ),
            desk(
                "ChatOpenAI(**options, max_retries=3)",
                INVOKE,
            ),
            desk(
                "ChatOpenAI(**options, max_retries=0).with_retry("
                "retry_if_exception_type=is_retryable, wait_exponential_jitter=False)",
                INVOKE,
            ),
        ],
        wrong=[
            ("retries-nowhere", desk("ChatOpenAI(**options, max_retries=0)", INVOKE)),
            (
                "still-multiplies",
                desk("ChatOpenAI(**options)", INVOKE, f", retry_policy=RetryPolicy({FAST})"),
            ),
            (
                "still-multiplies",
                desk(
                    "ChatOpenAI(**options, max_retries=0).with_retry("
                    "stop_after_attempt=3, wait_exponential_jitter=False)",
                    INVOKE,
                    f", retry_policy=RetryPolicy({FAST})",
                ),
            ),
            (
                "retries-authentication",
                desk(
                    "ChatOpenAI(**options, max_retries=0)",
                    INVOKE,
                    f", retry_policy=RetryPolicy({FAST})",
                ),
            ),
            ("gives-up-too-early", desk("ChatOpenAI(**options, max_retries=1)", INVOKE)),
            (
                "gives-up-too-early",
                desk(
                    "ChatOpenAI(**options, max_retries=0)",
                    INVOKE,
                    ONLY.format(when="status >= 500"),
                ),
            ),
            (
                "retries-what-stays",
                desk(
                    "ChatOpenAI(**options, max_retries=0)",
                    INVOKE,
                    ONLY.format(when="status != 401"),
                ),
            ),
            (
                "retries-forever",
                desk(
                    "ChatOpenAI(**options, max_retries=0)",
                    """while True:
            try:
                return {"answer": llm.invoke(ticket["question"]).content}
            except Exception:
                pass""",
                ),
            ),
            (
                "hides-the-outage",
                desk(
                    "ChatOpenAI(**options)",
                    """try:
            return {"answer": llm.invoke(ticket["question"]).content}
        except Exception as error:
            return {"answer": f"Model call failed: {error}"}""",
                ),
            ),
            (
                "answers-nothing",
                desk("ChatOpenAI(**options)", 'return {"question": ticket["question"]}'),
            ),
        ],
    ),
}
