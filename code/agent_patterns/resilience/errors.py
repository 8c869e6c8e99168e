"""The errors that this package itself raises.

PatternError
└── ResilienceError
    ├── CircuitOpenError        the breaker refused the call; the service was not asked
    ├── DeadlineExceededError   the time for the whole operation is used up (a TimeoutError too)
    ├── NoAnswerError           raised by a link that has nothing to say; its chain asks the next
    └── AllLinksFailedError     no link of a chain answered; `failures` says why, in order
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent_patterns.errors import PatternError
from agent_patterns.resilience.kinds import Verdict


class ResilienceError(PatternError):
    """Base of the errors of `agent_patterns.resilience`."""


class CircuitOpenError(ResilienceError):
    """The circuit breaker refused the call; the service was not asked.

    Raised often and on purpose while a service is down, so building one costs as little as an
    exception can: its `args` (name, reason, seconds left) are put into words only when somebody
    reads them, and there is no `__init__`.
    """

    @property
    def breaker(self) -> str:
        """Return the name of the breaker that refused."""
        return str(self.args[0])

    @property
    def reason(self) -> str:
        """Return why it is open, in a sentence."""
        return str(self.args[1])

    @property
    def seconds_left(self) -> float:
        """Return the seconds until a call may try the service; 0 while a probe is out."""
        return float(self.args[2])

    def __str__(self) -> str:
        if self.seconds_left > 0:
            when = f"the next try is let through in {self.seconds_left:.3g} s"
        else:
            when = "one probe is testing the service now; try again after it"
        return f"circuit breaker {self.breaker!r} is open ({self.reason}); {when}"


class DeadlineExceededError(ResilienceError, TimeoutError):
    """The total time for an operation, all retries and fallbacks included, is used up.

    `seconds` is the budget that ran out.  `inherited` says that it was an outer operation's
    budget: then it proves nothing about the service that was being asked at that moment.
    """

    def __init__(self, seconds: float, *, inherited: bool = False) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.inherited = inherited

    def __str__(self) -> str:
        whose = "an outer operation's" if self.inherited else "the"
        return (
            f"{whose} deadline of {self.seconds:g} s has passed; "
            "give it more time or fewer retries, or add a fallback that needs none"
        )


class NoAnswerError(ResilienceError):
    """Raised by a link that has nothing to say (a cache miss): its chain asks the next one."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A link of a chain that gave no answer."""

    link: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.link}: {self.verdict.kind.value} ({self.verdict.error})"


class AllLinksFailedError(ResilienceError):
    """Every link of a fallback chain failed; `failures` says which and how, in order."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(tuple(failures))
        self.failures: tuple[Failure, ...] = tuple(failures)

    def __str__(self) -> str:
        tried = "; ".join(str(failure) for failure in self.failures)
        return (
            f"no link of the chain answered: {tried or 'none had anything to say'}. "
            "End the chain with a link that cannot fail, such as an honest refusal"
        )
