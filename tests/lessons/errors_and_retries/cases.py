# ruff: noqa: E501  (the answers are whole cells, kept on few lines)
"""Answers to lesson 08's exercises."""

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
                if asked > 60:
                    return "The carrier needs a longer pause; please ask again later."
                sleep(max(pause, asked))
                pause *= 2

    return track
"""

TOOL_TENACITY = """
import tenacity
from agent_patterns.resilience import classify
from agent_patterns.resilience.classification import is_retryable
from agent_patterns.resilience.backoff import Exponential
from agent_patterns.resilience.classification import retry_after

def make_tracking_tool(fetch, sleep):
    asking = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(3),
        retry=tenacity.retry_if_exception(lambda e: is_retryable(e) and (retry_after(e) or 0) <= 60),
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


def desk(model: str, call: str, node: str = "") -> str:
    return f"""
from langgraph.graph import END, START, StateGraph

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

SORTED = """
def worth_a_retry(error):
    if isinstance(error, openai.APIStatusError):
        return {when}
    return isinstance(error, {also})
"""


def sort(
    when: str = "error.status_code == 429 or error.status_code >= 500",
    also: str = "openai.APIConnectionError | json.JSONDecodeError",
) -> str:
    return SORTED.format(when=when, also=also)


CASES = {
    "sort_the_errors": Cases(
        right=[
            "from agent_patterns.resilience.classification import is_retryable\n\nworth_a_retry = is_retryable",
            """
def worth_a_retry(error):
    match error:
        case openai.RateLimitError() | openai.InternalServerError():
            return True
        case openai.APIConnectionError() | json.JSONDecodeError():
            return True
    return False
""",
        ],
        wrong=[
            ("retries-authentication", "def worth_a_retry(error):\n    return True"),
            ("misses-rate-limits", sort(when="error.status_code >= 500")),
            ("misses-server-errors", sort(when="error.status_code in (429, 500, 503)")),
            ("misses-server-errors", sort(when="error.status_code == 429")),
            ("misses-connections", sort(also="json.JSONDecodeError")),
            ("misses-connections", sort(also="openai.APITimeoutError | json.JSONDecodeError")),
            ("misses-cut-answers", sort(also="openai.APIConnectionError")),
            ("retries-what-stays", sort(when="error.status_code not in (401, 404)")),
            ("retries-what-stays", sort(when="error.status_code != 401")),
            ("retries-mistakes", sort(also="openai.APIConnectionError | ValueError")),
            ("retries-mistakes", sort(also="Exception")),
            (
                "returns-nothing",
                "def worth_a_retry(error):\n    if isinstance(error, openai.AuthenticationError):\n        return False",
            ),
        ],
        cheats=[
            """
def worth_a_retry(error):
    return type(error).__name__ in {
        "OpenAIRateLimitError", "OpenAIAPIError", "OpenAITimeoutError", "OpenAIConnectionError",
        "RateLimitError", "InternalServerError", "APITimeoutError", "APIConnectionError",
        "JSONDecodeError",
    }
""",
            "def worth_a_retry(error):\n    return 'refused' not in str(error) and 'revoked' not in str(error)",
        ],
    ),
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
                "gives-up-too-early",
                TOOL_BY_HAND.replace("status_code >= 500", "status_code in (500, 503)"),
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
        if attempt < 2: sleep(1 + attempt)""",
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
            (
                "retries-what-stays",
                TOOL_BY_HAND.replace(
                    "error.response.status_code == 429 or error.response.status_code >= 500",
                    "error.response.status_code not in (401, 404)",
                ),
            ),
            (
                "ignores-retry-after",
                TOOL_BY_HAND.replace("max(pause, asked)", "max(pause, min(asked, 30))"),
            ),
            ("waits-for-hours", TOOL_BY_HAND.replace("asked > 60", "asked > 10**6")),
            ("waits-for-hours", TOOL_BY_HAND.replace("asked > 60", "asked > 90")),
            (
                "comes-back-too-early",
                TOOL_BY_HAND.replace("asked > 60", "asked > 10**6").replace(
                    "max(pause, asked)", "max(pause, min(asked, 60))"
                ),
            ),
        ],
        cheats=[
            TOOL_BY_HAND.replace("asked > 60", "False").replace("max(pause, asked)", "60 + pause"),
            tool(
                """
if parcel == "MF-7":
    return "parcel MF-7 is in Oslo"
return "The carrier does not answer; please ask again later."
"""
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
            (
                "retries-what-stays",
                desk(
                    "ChatOpenAI(**options, max_retries=0)",
                    INVOKE,
                    ONLY.format(when="status not in (401, 404)"),
                ),
            ),
            (
                "asks-something-else",
                desk(
                    "ChatOpenAI(**options)",
                    'return {"answer": llm.invoke("Do you gift-wrap?").content}',
                ),
            ),
        ],
        cheats=[
            desk(
                "ChatOpenAI(**options, max_retries=0)",
                INVOKE,
                f", retry_policy=RetryPolicy({FAST}, retry_on=lambda error:"
                " 'revoked' not in str(error) and 'retired' not in str(error))",
            ),
            desk("ChatOpenAI(**options, max_retries=0)", 'return {"answer": "Yes."}'),
        ],
    ),
}
