"""Solve: The last exchanges."""


def last_exchanges(messages, count):
    """Return the system prompt and the last `count` exchanges."""
    starts = [at for at, message in enumerate(messages) if message.type == "human"]
    if len(starts) <= count:
        return list(messages)
    system = [message for message in messages if message.type == "system"]
    return system + messages[starts[-count] :]
