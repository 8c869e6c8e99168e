# ruff: noqa: E501  (the answers are whole cells, kept on few lines)
"""Answers to lesson 09's exercises."""

from tests.lessons.cases import Cases


def breaker(replace: dict[str, str]) -> str:
    from courseware.lessons import exercise

    source = exercise("09.1").solution_code
    for old, new in replace.items():
        assert old in source, old
        source = source.replace(old, new)
    return source


def order(expression: str) -> str:
    return f"def protect(service, retry, breaker, fallback):\n    return {expression}\n"


POLICY = """
import tenacity
from agent_patterns.resilience import Kind
from agent_patterns.resilience.kinds import Verdict

def make_policy(clock, sleep, small, cache):
    def refuse(question):
        return 'We cannot look that up now.'

    return Policy(
        'main',
        retry=Retry(3, backoff=FullJitter(0.5), sleep=sleep),
        breaker=CircuitBreaker('main', failures=3, open_for=30, clock=clock),
        fallbacks=[
            Link('small', small, notice='By the smaller model.'),
            Link('cache', cache, instant=True, notice='From yesterday.'),
            Link('refusal', refuse, instant=True, declines=True),
        ],
    )
"""

CASES = {
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
            (
                "refuses-as-the-service-fails",
                breaker({"raise Refused": "raise ConnectionError"}),
            ),
            (
                "takes-a-mistake-for-a-success",
                breaker(
                    {
                        "            raise\n        else": "            else:\n                self.close()\n            raise\n        else"
                    }
                ),
            ),
            (
                "takes-a-mistake-for-a-success",
                breaker(
                    {
                        "            raise\n        else": "            elif self.probe_out:\n                self.close()\n            raise\n        else"
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
        cheats=[
            breaker(
                {
                    "self.limits = {TimeoutError: timeouts, ConnectionError: failures}": "self.limits = {TimeoutError: min(timeouts, 3), ConnectionError: min(failures, 5)}",
                    "self.open_for = open_for": "self.open_for = 10.0 if open_for < 30 else 30.0",
                }
            ),
            """
class Breaker:
    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.clock, self.timeouts, self.failures, self.open_for = clock, timeouts, failures, open_for
        self.counts, self.since, self.busy = {}, None, False

    def call(self, service):
        if self.since is not None:
            if self.busy or self.clock() - self.since < self.open_for:
                raise RuntimeError("open")
            self.busy = True  # never cleared after a failed probe
        try:
            result = service()
        except (TimeoutError, ConnectionError) as error:
            kind = TimeoutError if isinstance(error, TimeoutError) else ConnectionError
            self.counts[kind] = self.counts.get(kind, 0) + 1
            if self.busy or self.counts[kind] >= (self.timeouts if kind is TimeoutError else self.failures):
                self.since = self.clock()
            raise
        except BaseException:
            self.busy = False
            raise
        self.counts, self.since, self.busy = {}, None, False
        return result
""",
        ],
        raised=[
            ("AttributeError", breaker({"self.open_for = open_for": "pass"})),
        ],
    ),
    "the_right_order": Cases(
        right=[
            """
def protect(service, retry, breaker, fallback):
    for guard in (retry, breaker, fallback):
        service = guard(service)
    return service
""",
            """
def protect(service, retry, breaker, fallback):
    @fallback
    @breaker
    @retry
    def called(question):
        return service(question)

    return called
""",
        ],
        wrong=[
            ("breaker-counts-attempts", order("fallback(retry(breaker(service)))")),
            (
                "asks-past-an-open-breaker",
                """
def protect(service, retry, breaker, fallback):
    guarded = breaker(retry(service))

    def called(question):
        try:
            return guarded(question)
        except Exception:
            return service(question)

    return fallback(called)
""",
            ),
            ("breaker-sees-no-failure", order("breaker(fallback(retry(service)))")),
            ("no-fallback-outside", order("breaker(retry(service))")),
            ("no-retry-inside", order("fallback(breaker(service))")),
            ("no-retry-inside", order("retry(breaker(fallback(service)))")),
            ("breaker-sees-no-failure", order("fallback(retry(service))")),
            ("returns-no-function", order("fallback(breaker(retry(service)))('Hello?')")),
        ],
        cheats=[
            """
def protect(service, retry, breaker, fallback):
    def called(question):
        for _ in range(10):
            try:
                return service(question)
            except ConnectionError:
                pass
        return f"a substitute on {question}"

    return called
""",
            order("fallback(retry(service))"),
        ],
    ),
    "zero_lost_answers": Cases(
        right=[
            POLICY.replace(
                "breaker=CircuitBreaker('main', failures=3, open_for=30, clock=clock)",
                "breaker=CircuitBreaker('chat', failures=5, open_for=20, clock=clock), deadline=20",
            ),
            POLICY.replace(
                "Link('small', small, notice='By the smaller model.'),",
                "Link('small', Policy('small', retry=Retry(2, sleep=sleep)).around(small)),",
            ),
        ],
        wrong=[
            (
                "returns-no-policy",
                "def make_policy(clock, sleep, small, cache):\n    return 'main'",
            ),
            (
                "loses-an-answer",
                POLICY.replace("Link('refusal', refuse, instant=True, declines=True),", ""),
            ),
            ("loses-an-answer", POLICY.replace("fallbacks=[", "fallbacks=[] and [")),
            (
                "keeps-asking",
                POLICY.replace(
                    "breaker=CircuitBreaker('main', failures=3, open_for=30, clock=clock),", ""
                ),
            ),
            ("keeps-asking", POLICY.replace("failures=3, open_for=30", "failures=3, open_for=0.5")),
            (
                "waits-for-real",
                POLICY.replace("FullJitter(0.5), sleep=sleep", "FullJitter(0.01)"),
            ),
            (
                "asks-the-wrong-source",
                POLICY.replace("retry=Retry(3, backoff=FullJitter(0.5), sleep=sleep),", ""),
            ),
            (
                "asks-the-wrong-source",
                POLICY.replace("open_for=30, clock=clock", "open_for=3000, clock=clock"),
            ),
            ("asks-the-wrong-source", POLICY.replace("open_for=30, clock=clock", "open_for=30")),
            (
                "forgets-the-cache",
                POLICY.replace("Link('cache', cache, instant=True, notice='From yesterday.'),", ""),
            ),
            ("says-nothing", POLICY.replace("return 'We cannot look that up now.'", "return '-'")),
            (
                "asks-the-wrong-source",
                POLICY.replace("Link('small', small, notice='By the smaller model.'),", ""),
            ),
            (
                "hides-a-bug",
                POLICY.replace(
                    "fallbacks=[",
                    "classify=lambda error: Verdict(Kind.SERVER, str(error)), fallbacks=[",
                ),
            ),
            (
                "retries-what-stays",
                POLICY.replace(
                    "sleep=sleep)", "sleep=sleep, on=tenacity.retry_if_exception_type(Exception))"
                ),
            ),
        ],
        cheats=[
            """
def make_policy(clock, sleep, small, cache):
    class Always:
        def answer(self, main, question):
            return FallbackChain(Link("main", lambda q: f"main on {q}")).call(question)

    return Always()
""",
            """
def make_policy(clock, sleep, small, cache):
    def served(question):
        for source in (cache, small):
            try:
                return source(question)
            except Exception:
                pass
        return "We cannot look that up now."

    return Policy("main", retry=Retry(3, sleep=sleep), fallbacks=[Link("other", served)])
""",
        ],
    ),
}
