"""What went wrong, is it worth a retry, and what does the user hear?

One function, `classify`, answers for the exceptions of openai, httpx, httpx2, requests, aiohttp,
LangChain, pydantic, psycopg, SQLite and Python itself: by class, HTTP status, the code in the
answer's body, SQLSTATE or errno, as `known_errors.toml` lists them.  It imports none of those
libraries: an exception of theirs can only exist where they are loaded, so its class is recognised
by name.
"""

from __future__ import annotations

import errno
import json
import re
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from agent_patterns.resilience.kinds import Kind, Verdict

_KNOWN = tomllib.loads((Path(__file__).parent / "known_errors.toml").read_text("utf-8"))


def _table(name: str) -> dict[Any, Kind]:
    return {key: Kind[kind.upper()] for kind, keys in _KNOWN[name].items() for key in keys}


_BY_CLASS: Mapping[str, Kind] = _table("classes")
_BY_STATUS: Mapping[int, Kind] = _table("statuses")
_BY_CODE: Mapping[str, Kind] = _table("codes")
_BY_SQLSTATE: Mapping[str, Kind] = _table("sqlstates")
_BY_ERRNO: Mapping[int, Kind] = {
    getattr(errno, name): kind for name, kind in _table("errnos").items() if hasattr(errno, name)
}
_WRAPPERS: Mapping[str, str] = _KNOWN["wrappers"]
# LangChain's class for a 5xx and openai's plain `APIStatusError` say less than the status does.
_STATUS_DECIDES = frozenset({Kind.UNKNOWN, Kind.SERVER, Kind.RATE_LIMIT, Kind.CALLER})
# Where the answer gave no reason of its own, a code in it is none either.
_CODE_DECIDES = _STATUS_DECIDES | {Kind.INVALID_REQUEST, Kind.NOT_FOUND, Kind.QUOTA}


def classify(error: BaseException, *, clock: Callable[[], float] = time.time) -> Verdict:
    """Say what kind of failure `error` reports.

    The class decides where it is specific (a time-out is one whatever the library), then the code
    in the answer's body, then the HTTP status.  A 429 with the code `insufficient_quota` is no
    rate limit: it lasts until somebody pays.  An `OSError` is judged by its number: an unreachable
    network is a lost connection, a full disk is not.  A pydantic `ValidationError` is taken for
    an answer that does not fit its model.

    An `ExceptionGroup` is judged by its members: control flow before all, retryable only if all
    of them are.  An error that nobody listed is `Kind.UNKNOWN`: not retried, since repeating what
    one does not understand can do harm twice, and never the caller's mistake.

    `clock` is wall time (seconds since the epoch), needed when Retry-After holds a date.
    """
    described = _described(error)
    if not isinstance(error, Exception):
        return Verdict(Kind.CONTROL_FLOW, described)
    if isinstance(error, ExceptionGroup):
        members = [classify(member, clock=clock) for member in error.exceptions]
        waits = [one.retry_after for one in members if one.retry_after is not None]
        worst = min(members, key=_gravity)
        return Verdict(worst.kind, described, worst.status, max(waits, default=None))
    if getattr(error, "inherited", False) and isinstance(error, TimeoutError):
        return Verdict(Kind.DEADLINE, described)
    status = _status(error)
    kind = _kind_of_class(error)
    code = next((_BY_CODE[one] for one in _codes(error) if one in _BY_CODE), None)
    if code is not None and kind in _CODE_DECIDES:
        kind = code
    elif status is not None and kind in _STATUS_DECIDES:
        kind = _kind_of_status(status)
    return Verdict(kind, described, status, retry_after(error, clock=clock))


def classifier(extra: Mapping[type[BaseException], Kind]) -> Callable[[BaseException], Verdict]:
    """Return a `classify` that knows your own exceptions too.

    `extra` maps exception classes to kinds; the most specific class along the hierarchy wins, and
    what is not in `extra` is classified as usual.
    """
    known = dict(extra)

    def classify_with_extra(error: BaseException) -> Verdict:
        verdict = classify(error)
        for cls in type(error).__mro__:
            kind = known.get(cls)
            if kind is not None:
                return Verdict(kind, verdict.error, verdict.status, verdict.retry_after)
        return verdict

    return classify_with_extra


def is_retryable(error: BaseException) -> bool:
    """Return True if the same request may succeed a little later; fits every `retry_on=`."""
    return classify(error).retryable


def control_flow_in(error: BaseException) -> BaseException:
    """Return the interrupt or handoff that a group holds; any other error as it is.

    LangGraph waits for a `GraphInterrupt`, and not for an `ExceptionGroup` with one inside, which
    is what an `asyncio.TaskGroup` makes of it.
    """
    if isinstance(error, ExceptionGroup):
        for member in error.exceptions:
            found = control_flow_in(member)
            if classify(found).kind is Kind.CONTROL_FLOW:
                return found
    return error


def retry_after(error: BaseException, *, clock: Callable[[], float] = time.time) -> float | None:
    """Return the seconds the service asked to wait before the next request, or None.

    Reads `retry-after-ms` (milliseconds, which OpenAI sends) and `Retry-After` as RFC 9110,
    section 10.2.3 has it: a number of seconds or an HTTP date, which is in UTC in each of its three
    forms.  An open circuit breaker says it too.  What cannot be read counts as not said; a date in
    the past is 0.
    """
    seconds_left = getattr(error, "seconds_left", None)
    if isinstance(seconds_left, float):
        return max(0.0, seconds_left)
    headers = getattr(getattr(error, "response", error), "headers", None)
    if headers is None:
        return None
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, date.timestamp() - clock())


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number < float("inf") else None


def _described(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # the error itself matters more than one in its __str__
        text = "(its message cannot be read)"
    if len(text) > 160:
        text = text[:157] + "..."
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def _gravity(verdict: Verdict) -> int:
    """Return the rank of a member in its group: the lowest speaks for all."""
    if verdict.kind is Kind.CONTROL_FLOW:
        return 0
    if not verdict.fall_back:
        return 1
    if verdict.kind is Kind.UNKNOWN:
        return 2
    return 4 if verdict.retryable else 3


def _status(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    # The last is for urllib's HTTPError, which is the response itself.
    for holder, name in ((error, "status_code"), (response, "status_code"), (error, "status")):
        status = getattr(holder, name, None)
        if isinstance(status, int) and not isinstance(status, bool) and 100 <= status < 600:
            return status
    return None


def _kind_of_status(status: int) -> Kind:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return Kind.SERVER
    return Kind.INVALID_REQUEST if status >= 400 else Kind.MALFORMED


def _codes(error: BaseException) -> Iterator[str]:
    """Yield what the body of an OpenAI-compatible error says under `code` and `type`."""
    body = getattr(error, "body", None)
    if body is None:
        # Where httpx and requests keep a body that has been read; to ask for `content` might read.
        content = getattr(getattr(error, "response", None), "_content", None)
        try:
            body = json.loads(content) if isinstance(content, bytes) else None
        except ValueError:  # no JSON, so no code
            body = None
    inner = body.get("error") if isinstance(body, dict) else None
    for holder in (inner, body, vars(error)):
        if isinstance(holder, dict):
            yield from (holder[key] for key in ("code", "type") if isinstance(holder.get(key), str))


def _kind_of_class(error: BaseException) -> Kind:
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        for length in (5, 3, 2):
            if state[:length] in _BY_SQLSTATE:
                return _BY_SQLSTATE[state[:length]]
    python = type(error).__module__.partition(".")[0] in sys.stdlib_module_names
    for cls in type(error).__mro__:
        name = f"{cls.__module__.partition('.')[0]}.{cls.__name__}"
        kind = _BY_CLASS.get(name)
        if name in _WRAPPERS:
            inside = getattr(error, _WRAPPERS[name], None)  # an error, or a word on a wrong URL
            return _kind_of_class(inside) if isinstance(inside, Exception) else Kind.CALLER
        if name == "sqlite3.OperationalError":
            kind = _kind_of_sqlite(error)
        elif cls is OSError and isinstance(error, OSError):
            kind = _kind_of_number(error, Kind.CALLER if python else Kind.UNKNOWN)
        if kind is not None and (
            python or kind is not Kind.CALLER or not name.startswith("builtins.")
        ):
            return kind
    return Kind.UNKNOWN


def _kind_of_sqlite(error: BaseException) -> Kind:
    """SQLITE_BUSY is 5, SQLITE_LOCKED 6; the higher bits only say more about it."""
    code = getattr(error, "sqlite_errorcode", None)
    held = "is locked" in str(error) if code is None else code & 0xFF in (5, 6)
    return Kind.CONFLICT if held else Kind.UNKNOWN


def _kind_of_number(error: OSError, other: Kind) -> Kind:
    if error.errno is not None:
        return _BY_ERRNO.get(error.errno, other)
    if str(error).startswith("Multiple exceptions: "):  # asyncio, when all addresses refused
        kinds = [_BY_ERRNO.get(int(n)) for n in re.findall(r"\[Errno (-?\d+)\]", str(error))]
        if kinds and None not in kinds:
            return Kind.CONNECTION
    return Kind.UNKNOWN
