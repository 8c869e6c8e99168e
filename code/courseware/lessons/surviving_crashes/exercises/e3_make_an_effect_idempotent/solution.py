"""Solve: Make an effect idempotent."""


def letters_node(effects, send):
    """Return a node that sends each letter of an order once, however often it runs."""

    def send_letters(order):
        receipts = []
        for letter in order["letters"]:
            key = f"letter:{order['number']}:{letter['id']}"
            receipts.append(effects.perform(key, send, letter))
        return {"receipts": receipts}

    return send_letters
