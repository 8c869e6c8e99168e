"""Calls of services that fail: classify, retry, break the circuit, fall back, in that order.

policy = Policy(
    "gpt-4.1-mini",
    retry=Retry(3, backoff=FullJitter(0.5)),
    breaker=CircuitBreaker("chat"),
    deadline=20,
    fallbacks=[Link("gpt-4.1-nano", small.invoke), Link("refusal", apologise, instant=True)],
)
answer = policy.answer(model.invoke, prompt)      # answer.value, answer.link, answer.degraded

====================================  ==========================================  ==============
what goes wrong                       what guards it                              read
====================================  ==========================================  ==============
a short disturbance                   `Retry`, only what `classify` calls         retry.py
                                      retryable
a refusal that will stay (wrong key,  the verdict: not so, not here, not now;     kinds.py
too long, filtered)                   no retry, another source where it helps
a crowd that comes back at once       `FullJitter` on top of Retry-After          backoff.py
a service that is down                `CircuitBreaker`: refuse, then one probe    breaker.py
a service that hangs                  the deadline, `remaining()` for the client  deadline.py
a caller's mistake, a cancelled task  they count against nobody                   known_errors.toml
a source that has no answer           `Link`s in order; the answer says who       fallback.py
a stream that breaks off              repeated until its first chunk, counted     wrapping.py
                                      while it is read
an interrupt inside a group of        control flow comes first and is never       classification.py
errors                                repeated, counted or replaced
====================================  ==========================================  ==============

Read `policy.py` first: it puts them together, and says why in this order.  Waits besides
`FullJitter` are in `backoff`, conditions in `retry`.
"""

from agent_patterns.resilience.backoff import FullJitter
from agent_patterns.resilience.breaker import CircuitBreaker
from agent_patterns.resilience.classification import classify
from agent_patterns.resilience.deadline import remaining
from agent_patterns.resilience.errors import NoAnswerError
from agent_patterns.resilience.evidence import FailureRate
from agent_patterns.resilience.fallback import FallbackChain, Link
from agent_patterns.resilience.kinds import Kind
from agent_patterns.resilience.policy import Policy
from agent_patterns.resilience.retry import Retry, Rule

__all__ = [
    "CircuitBreaker",
    "FailureRate",
    "FallbackChain",
    "FullJitter",
    "Kind",
    "Link",
    "NoAnswerError",
    "Policy",
    "Retry",
    "Rule",
    "classify",
    "remaining",
]
