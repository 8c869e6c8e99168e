"""Solve: Sort the errors."""

import json

import openai


def worth_a_retry(error):
    """Return True if the same request may succeed a little later, otherwise False."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code == 429 or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError | json.JSONDecodeError)
