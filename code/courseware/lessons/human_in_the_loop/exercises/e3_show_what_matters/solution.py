"""Solve: Show what matters."""


def discount_request(case):
    return {
        "action": "discount",
        "args": {"customer": case["customer"], "percent": case["percent"]},
        "facts": {"percent": {"usual": case["usual"]}},
        "reason": case["mail"],
    }
