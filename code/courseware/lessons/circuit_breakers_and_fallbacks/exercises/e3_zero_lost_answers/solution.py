"""Solve: Run the incident to zero lost answers."""

from agent_patterns.resilience import CircuitBreaker, FullJitter, Link, Policy, Retry


def make_policy(clock, sleep, small, cache):
    """Return the desk's Policy; the check calls policy.answer(main, question)."""

    def refuse(question):
        return "We cannot look that up at the moment. Please write to support."

    return Policy(
        "main",
        retry=Retry(3, backoff=FullJitter(0.5), sleep=sleep),
        breaker=CircuitBreaker("main", failures=3, open_for=30, clock=clock),
        fallbacks=[
            Link("small", small, notice="Our smaller model wrote this answer."),
            Link("cache", cache, instant=True, notice="This is our answer from yesterday."),
            Link("refusal", refuse, instant=True, declines=True),
        ],
    )
