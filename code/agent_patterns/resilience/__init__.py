"""Calls of services that fail: classify, retry, break the circuit, fall back, in that order.

policy = Policy(
    "gpt-4.1-mini",
    retry=Retry(3, backoff=FullJitter(0.5)),
    breaker=CircuitBreaker("chat"),
    deadline=20,
    fallbacks=[Link("gpt-4.1-nano", small.invoke), Link("refusal", apologise, instant=True)],
)
answer = policy.answer(model.invoke, prompt)      # answer.value, answer.link, answer.degraded
"""

from agent_patterns.resilience.backoff import (
    Backoff,
    Constant,
    DecorrelatedJitter,
    Exponential,
    FullJitter,
)
from agent_patterns.resilience.breaker import CircuitBreaker
from agent_patterns.resilience.classification import (
    classifier,
    classify,
    is_retryable,
    retry_after,
)
from agent_patterns.resilience.deadline import Deadline, current_deadline, remaining
from agent_patterns.resilience.diagnosis import Diagnosis, State, Transition
from agent_patterns.resilience.errors import (
    AllLinksFailedError,
    CircuitOpenError,
    DeadlineExceededError,
    NoAnswerError,
    ResilienceError,
)
from agent_patterns.resilience.fallback import Answer, Failure, FallbackChain, Link
from agent_patterns.resilience.kinds import TRAITS, Kind, Traits, Verdict
from agent_patterns.resilience.policy import Policy
from agent_patterns.resilience.retry import Retried, Retry, Rule
from agent_patterns.resilience.window import FailureRate

__all__ = [
    "TRAITS",
    "AllLinksFailedError",
    "Answer",
    "Backoff",
    "CircuitBreaker",
    "CircuitOpenError",
    "Constant",
    "Deadline",
    "DeadlineExceededError",
    "DecorrelatedJitter",
    "Diagnosis",
    "Exponential",
    "Failure",
    "FailureRate",
    "FallbackChain",
    "FullJitter",
    "Kind",
    "Link",
    "NoAnswerError",
    "Policy",
    "ResilienceError",
    "Retried",
    "Retry",
    "Rule",
    "State",
    "Traits",
    "Transition",
    "Verdict",
    "classifier",
    "classify",
    "current_deadline",
    "is_retryable",
    "remaining",
    "retry_after",
]
