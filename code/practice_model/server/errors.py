"""The errors of the practice model, one tree.

`ApiError` is what a client is answered with, in the shape of the OpenAI API: a status code and a
JSON error body. The others are raised where the server is started and told what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class PracticeError(Exception):
    """The base of what the practice model's server raises."""


class PortTaken(PracticeError, OSError):
    """Another program listens on the port that was asked for."""


class NotStarted(PracticeError, RuntimeError):
    """The server did not begin to answer; the cause is in `__cause__`."""


class UnknownFault(PracticeError, AttributeError):
    """There is no fault of this name; the message lists those that there are."""


class ClientLeft(PracticeError):
    """The client closed the connection before its request was complete."""


class ApiError(PracticeError):
    """A request that is answered with an error.

    `message`, `kind`, `param` and `code` become the `message`, `type`, `param` and `code` of the
    error object, which the client libraries hand on as attributes of their exceptions.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.param = param
        self.code = code
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Return the JSON body that goes over the wire."""
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }


def bad_request(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """Make a 400: the request itself is wrong, and sending it again will not help."""
    return ApiError(400, message, param=param, code=code)


def too_much(message: str, *, param: str | None = None) -> ApiError:
    """Make a 400 for a request whose answer would take more work than is allowed."""
    return bad_request(message, param=param, code="too_much_work")
