"""Solve: Out of processing."""


def answer(desk, work, text):
    """Return work(text); the state is "processing" meanwhile, and "idle" or "error" afterwards."""
    if desk["state"] == "processing":
        return "busy"
    desk["state"] = "processing"
    try:
        result = work(text)
    except Exception as error:
        desk["state"], desk["error"] = "error", str(error)
        return "Sorry"
    desk["state"], desk["error"] = "idle", ""
    return result
