"""Solve: A tool that survives its API."""

from agent_patterns.resilience import FullJitter, Retry, classify


def make_tracking_tool(fetch, sleep):
    """Return track(parcel) -> str, which asks fetch(parcel) and raises no Exception.

    fetch raises the errors of httpx, and now and then something that nobody foresaw.
    Wait only by calling sleep(seconds).
    """
    retry = Retry(3, backoff=FullJitter(0.5), sleep=sleep)

    def track(parcel):
        try:
            return retry.call(fetch, parcel)
        except Exception as error:
            reason = classify(error).user_message
            return f"I could not look up parcel {parcel}. {reason}"

    return track
