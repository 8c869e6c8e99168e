"""Solve: The right order."""


def protect(service, retry, breaker, fallback):
    """Return service with the three guards around it, in the right order."""
    return fallback(breaker(retry(service)))
