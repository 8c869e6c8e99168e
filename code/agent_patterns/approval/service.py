"""A web API over an approval desk: start a run, see what waits, decide."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel, Field

from agent_patterns.approval import errors
from agent_patterns.approval.decisions import first_wrong
from agent_patterns.approval.protocol import Decision, approve, edit, reject, respond
from agent_patterns.approval.runs import ApprovalRuns
from agent_patterns.approval.ticket import Ticket
from agent_patterns.durable.canonical import canonical
from agent_patterns.durable.errors import DatabaseUnavailable, LeaseHeld, NothingToRun, RunExists
from agent_patterns.errors import PatternError

log = logging.getLogger(__name__)

STATUS: dict[int, tuple[type[Exception], ...]] = {
    404: (errors.UnknownApproval, NothingToRun),
    410: (errors.Expired,),
    409: (errors.AlreadyDecided, errors.ArgumentsChanged, RunExists, LeaseHeld),
    403: (errors.NotAllowed,),
    503: (DatabaseUnavailable,),
    422: (RequestValidationError, ValueError),
    400: (PatternError,),
}
"""The errors of each HTTP status; the first that fits (RFC 9110 gives their meaning)."""

Wait = Annotated[float, Query(ge=0, le=30)]
"""Seconds for which a request asks to be held until its run has come to rest."""
Shown = dict[str, Any]
Who = Callable[..., str]
"""A FastAPI dependency: says who sends a request, or raises `HTTPException` 401."""


class Start(BaseModel, extra="forbid", strict=True):
    """Body of ``POST /runs``."""

    thread_id: str = Field(min_length=1, max_length=200)
    input: dict[str, Any]
    if_exists: Literal["refuse", "queue", "withdraw"] = "refuse"
    """What becomes of the input if the thread has a run: nothing (409), the next turn when this
    one is over, or the next turn with the question that waits taken back."""


class Verdict(BaseModel, extra="forbid", strict=True):
    """Body of a decision."""

    note: str = Field(default="", max_length=2000)
    seen: str | None = None
    """Digest of what the person was shown."""


NOTHING = Verdict()


class Edit(Verdict):
    """Body of an approval with other arguments."""

    args: dict[str, Any]


class Answer(Verdict):
    """Body of an answer to a question."""

    message: str = Field(min_length=1)


def name_in_header(x_user: Annotated[str, Header()] = "") -> str:
    """Take the name in ``X-User`` at its word: for a lesson, or behind a proxy that sets it."""
    if not x_user:
        raise HTTPException(401, "say who you are in the header X-User")
    return x_user


class Background:
    """Drives the runs of a service in the background, each in a task of its own."""

    def __init__(self, runs: ApprovalRuns, asynchronous: bool, seconds: float | None) -> None:
        self.runs, self.seconds = runs, seconds
        in_thread: Any = partial(partial, asyncio.to_thread)
        self.run = runs.arun if asynchronous else in_thread(runs.run)
        self.result = runs.aresult if asynchronous else in_thread(runs.result)
        self.tasks: set[asyncio.Task[None]] = set()

    def begin(self, thread_id: str, retry: bool = False) -> None:
        """Begin to drive a run; its failure is kept in it."""

        async def driving() -> None:
            try:
                found = await asyncio.to_thread(self.runs.get, thread_id)
                if retry or found.status != "failed":
                    await self.run(thread_id)
            except LeaseHeld:
                return  # it is in better hands
            except Exception:
                log.exception("run %r failed; GET /runs says why", thread_id)

        task = asyncio.create_task(driving(), name=thread_id)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def work(self, thread_id: str, wait: float, retry: bool = False) -> Shown:
        """Drive a run, wait until it rests or the time is over, and show it."""
        self.begin(thread_id, retry)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                # Whoever looks around may be driving it; then that is waited for.
                while busy := {t for t in self.tasks if t.get_name() == thread_id and not t.done()}:
                    await asyncio.wait(busy)
        return await asyncio.to_thread(self.show, thread_id)

    async def decide(
        self, ticket: str, decision: Decision, person: str, body: Verdict, wait: float
    ) -> Shown:
        """Write a decision down, begin to do what follows from it, and show the request."""
        how: Shown = {"by": person, "note": body.note, "seen": body.seen}
        found = await asyncio.to_thread(self.runs.desk.decide, ticket, decision, **how)
        shown = show_ticket(found)
        if found.source and found.status != "waiting":
            shown["run"] = await self.work(found.source.thread_id, wait)
        return shown

    def show(self, thread_id: str) -> Shown:
        """Return a run as JSON."""
        run = self.runs.get(thread_id)
        pending = [ticket.id for ticket in self.runs.desk.pending(thread_id=thread_id)]
        shown = {"thread_id": thread_id, "status": run.status, "error": run.error}
        return {**shown, "pending": pending}

    async def look_around(self) -> None:
        """Do what is due, again and again: escalations, expiries, runs without a worker."""
        while True:
            try:
                await asyncio.to_thread(self.runs.desk.tick)
                for thread_id in await asyncio.to_thread(self.runs.open_runs):
                    self.begin(thread_id)
            except DatabaseUnavailable:
                log.exception("the desk's database does not answer; trying again")
            if self.seconds is None:
                return
            await asyncio.sleep(self.seconds)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Look around while the application runs; at its end wait for what is being driven."""
        looking = asyncio.create_task(self.look_around())
        if self.seconds is None:
            await looking
        yield
        looking.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)


def create_app(
    runs: ApprovalRuns,
    *,
    who: Who = name_in_header,
    asynchronous: bool = False,
    tick_seconds: float | None = 1.0,
) -> FastAPI:
    """Return the web API over the runs of one graph and its desk.

    No request waits for a human, and none for a graph unless it asks to (``?wait=`` seconds): a
    start and a decision are written down, answered with 202, and worked on in the background.
    What a dead process left is taken up when the next one starts, or when its lease is over.  A
    run that has failed waits for a ``retry``.  The page ``/docs`` lists every call.

    Args:
        runs: What is started and resumed.
        who: Says who sends a request; replace it by your authentication.
        asynchronous: True for a graph with asynchronous nodes or checkpointer.
        tick_seconds: How often it looks for what is due; None: only at the start.
    """
    background = Background(runs, asynchronous, tick_seconds)
    app = FastAPIOffline(title="Approval desk", lifespan=background.lifespan)
    app.include_router(routes(background, who))

    @app.exception_handler(PatternError)
    @app.exception_handler(RequestValidationError)
    async def refused(_: Request, error: Exception) -> JSONResponse:
        status = next(code for code, kinds in STATUS.items() if isinstance(error, kinds))
        name, detail = type(error).__name__, str(error)
        if isinstance(error, RequestValidationError):
            name, detail = "InvalidInput", first_wrong(error)
        detail = detail.encode("utf-8", "replace").decode()
        return JSONResponse({"error": name, "detail": detail}, status_code=status)

    return app


def routes(background: Background, who: Who) -> APIRouter:
    """Return what can be asked of runs, and of the desk by people whom it knows."""
    router, runs, desk = APIRouter(), background.runs, background.runs.desk
    Caller = Annotated[str, Depends(who)]

    def known(caller: Caller) -> str:
        desk.roles_of(caller)
        return caller

    Person = Annotated[str, Depends(known)]

    @router.post("/runs", status_code=202)
    async def start(body: Start, caller: Caller, wait: Wait = 0) -> Shown:
        canonical(body.input, "The input")
        how: Shown = {"refuse": {}, "queue": {"queue": True}, "withdraw": {"withdraw": caller}}
        await asyncio.to_thread(runs.submit, body.thread_id, body.input, **how[body.if_exists])
        return await background.work(body.thread_id, wait)

    @router.post("/runs/{thread_id:path}/retry", status_code=202)
    async def retry(thread_id: str, caller: Caller, wait: Wait = 0) -> Shown:
        await asyncio.to_thread(runs.get, thread_id)
        return await background.work(thread_id, wait, retry=True)

    @router.get("/runs/{thread_id:path}")
    async def run(thread_id: str, caller: Caller) -> Shown:
        shown = await asyncio.to_thread(background.show, thread_id)
        return {**shown, "values": jsonable_encoder(await background.result(thread_id))}

    @router.get("/pending")
    def pending(person: Person, mine: bool = False) -> list[Shown]:
        return [show_ticket(each) for each in desk.pending(person=person if mine else None)]

    @router.get("/requests/{ticket}")
    def look_up(ticket: str, person: Person) -> Shown:
        trail = [asdict(entry) for entry in desk.audit(ticket)]
        return {**show_ticket(desk.get(ticket)), "audit": trail}

    @router.post("/requests/{ticket}/approve", status_code=202)
    async def approved(ticket: str, who: Person, body: Verdict = NOTHING, wait: Wait = 0) -> Shown:
        return await background.decide(ticket, approve(), who, body, wait)

    @router.post("/requests/{ticket}/reject", status_code=202)
    async def rejected(ticket: str, who: Person, body: Verdict, wait: Wait = 0) -> Shown:
        return await background.decide(ticket, reject(body.note), who, body, wait)

    @router.post("/requests/{ticket}/edit", status_code=202)
    async def edited(ticket: str, who: Person, body: Edit, wait: Wait = 0) -> Shown:
        name = (await asyncio.to_thread(desk.get, ticket)).request["action"]
        return await background.decide(ticket, edit(name, body.args), who, body, wait)

    @router.post("/requests/{ticket}/answer", status_code=202)
    async def answered(ticket: str, who: Person, body: Answer, wait: Wait = 0) -> Shown:
        return await background.decide(ticket, respond(body.message), who, body, wait)

    return router


def show_ticket(ticket: Ticket) -> Shown:
    """Return a request as JSON."""
    names = ("id", "status", "request", "waits_for", "created_at", "expires_at")
    shown = {name: getattr(ticket, name) for name in names}
    return {**shown, "seen": ticket.digest, "thread_id": ticket.source and ticket.source.thread_id}
