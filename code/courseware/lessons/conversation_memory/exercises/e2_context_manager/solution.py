"""Solve: A context manager."""


def fit(messages, max_tokens, count):
    """Return the system prompt and the newest exchanges that fit, the last one always whole."""
    system = [message for message in messages if message.type == "system"]
    fitted = None
    for at in reversed(range(len(messages))):
        if messages[at].type == "human":
            longer = system + messages[at:]
            if count(longer) > max_tokens:
                break
            fitted = longer
    if fitted is None:
        raise ValueError(f"{max_tokens} tokens can't hold the system prompt and the last exchange")
    return fitted
