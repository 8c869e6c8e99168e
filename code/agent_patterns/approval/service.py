"""A web API over an approval desk: start a run, see what waits, decide."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from agent_patterns.approval.decisions import first_wrong
from agent_patterns.approval.errors import (
    AlreadyDecided,
    ArgumentsChanged,
    Expired,
    NotAllowed,
    UnknownApproval,
)
from agent_patterns.approval.protocol import Decision, approve, edit, reject, respond
from agent_patterns.approval.runs import ApprovalRuns
from agent_patterns.approval.ticket import Ticket
from agent_patterns.durable.canonical import canonical
from agent_patterns.durable.errors import DatabaseUnavailable, LeaseHeld, RunExists
from agent_patterns.durable.runs import Run
from agent_patterns.errors import PatternError

log = logging.getLogger(__name__)

Wait = Annotated[float, Query(ge=0, le=30)]
"""Seconds for which a request asks to be held until its run has come to rest."""

STATUS: list[tuple[type[Exception], int]] = [
    (UnknownApproval, 404),
    (Expired, 410),
    (AlreadyDecided, 409),
    (ArgumentsChanged, 409),
    (RunExists, 409),
    (LeaseHeld, 409),
    (NotAllowed, 403),
    (DatabaseUnavailable, 503),
    (ValueError, 422),
]
"""HTTP status of each error; the first that fits (RFC 9110 gives their meaning)."""


class Body(BaseModel):
    """A body of exactly the fields it has, each of exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Start(Body):
    """Body of ``POST /runs``."""

    thread_id: str = Field(min_length=1, max_length=200)
    input: dict[str, Any]
    if_exists: Literal["refuse", "queue", "withdraw"] = "refuse"
    """What becomes of the input if the thread has a run: nothing (409), the next turn when this
    one is over, or the next turn with the question that waits taken back."""


class Verdict(Body):
    """Body of a decision."""

    note: str = Field(default="", max_length=2000)
    seen: str | None = None
    """Digest of what the person was shown."""


class Edit(Verdict):
    """Body of an approval with other arguments."""

    args: dict[str, Any]


class Answer(Verdict):
    """Body of an answer to a question."""

    message: str = Field(min_length=1)


Who = Callable[[Request], str]
"""Says who sends a request, from what was authenticated; raises `HTTPException` 401."""


def name_in_header(request: Request) -> str:
    """Take the name in ``X-User`` at its word: for a lesson, or behind a proxy that sets it."""
    name = request.headers.get("x-user")
    if not name:
        raise HTTPException(401, "say who you are in the header X-User")
    return name


class Background:
    """Drives the runs of a service in the background, each in a task of its own."""

    def __init__(self, runs: ApprovalRuns, asynchronous: bool, seconds: float | None) -> None:
        self.runs, self.asynchronous, self.seconds = runs, asynchronous, seconds
        self.tasks: set[asyncio.Task[None]] = set()

    async def drive(self, thread_id: str, retry: bool) -> None:
        """Drive one run; its failure is kept in it."""
        try:
            if self.asynchronous:
                await self.runs.adrive(thread_id, retry=retry)
            else:
                await asyncio.to_thread(self.runs.drive, thread_id, retry=retry)
        except Exception:
            log.exception("run %r failed; GET /runs says why", thread_id)

    def begin(self, thread_id: str, retry: bool = False) -> None:
        """Begin to drive a run."""
        task = asyncio.create_task(self.drive(thread_id, retry), name=thread_id)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def work(self, thread_id: str, wait: float, retry: bool = False) -> dict[str, Any]:
        """Drive a run, wait until it rests or the time is over, and show it."""
        self.begin(thread_id, retry)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                # Whoever looks around may be driving it already; then that is waited for.
                while busy := {t for t in self.tasks if t.get_name() == thread_id and not t.done()}:
                    await asyncio.wait(busy)
        return await self.show(await asyncio.to_thread(self.runs.get, thread_id))

    async def show(self, run: Run) -> dict[str, Any]:
        """Return a run as JSON."""
        pending = await asyncio.to_thread(self.runs.pending, run.thread_id)
        shown = {"thread_id": run.thread_id, "status": run.status, "error": run.error}
        return {**shown, "pending": [ticket.id for ticket in pending]}

    async def look_around(self) -> None:
        """Do what is due: escalations, expiries, runs without a worker."""
        try:
            await asyncio.to_thread(self.runs.desk.tick)
            for thread_id in await asyncio.to_thread(self.runs.open_runs):
                self.begin(thread_id)
        except DatabaseUnavailable:
            log.exception("the desk's database does not answer; trying again")

    async def keep_looking(self, seconds: float) -> None:
        """Look around again and again."""
        while True:
            await self.look_around()
            await asyncio.sleep(seconds)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Look around while the application runs; at its end wait for what is being driven."""
        clock = None
        if self.seconds is None:
            await self.look_around()
        else:
            clock = asyncio.create_task(self.keep_looking(self.seconds))
        yield
        if clock:
            clock.cancel()
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
    run that has failed waits for a ``retry``, which goes on at the node that failed.  A body that
    is not as it should be is answered with 422, whatever is wrong with it.

    ``POST /runs``, ``GET /runs/{thread_id}``, ``POST /runs/{thread_id}/retry``; and for people
    whom the desk knows ``GET /pending``, ``GET /requests/{id}``,
    ``POST /requests/{id}/approve | reject | edit | answer``.

    Args:
        runs: What is started and resumed.
        who: Says who sends a request; replace it by your authentication.
        asynchronous: True for a graph with asynchronous nodes or checkpointer.
        tick_seconds: How often it looks for what is due: escalations, expiries, runs without a
            worker.  None: only at the start.
    """
    background = Background(runs, asynchronous, tick_seconds)
    app = FastAPI(title="Approval desk", lifespan=background.lifespan)
    app.include_router(routes_of_runs(background, who))
    app.include_router(routes_of_desk(background, who))

    def answer_with(status: int, error: str, detail: str) -> JSONResponse:
        detail = detail.encode("utf-8", "replace").decode()
        return JSONResponse({"error": error, "detail": detail}, status_code=status)

    @app.exception_handler(PatternError)
    async def refused(_: Request, error: PatternError) -> JSONResponse:
        status = next((code for kind, code in STATUS if isinstance(error, kind)), 400)
        return answer_with(status, type(error).__name__, str(error))

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        return answer_with(422, "InvalidInput", first_wrong(error))

    return app


def routes_of_runs(background: Background, who: Who) -> APIRouter:
    """Return what can be asked of runs."""
    router, runs = APIRouter(), background.runs
    Caller = Annotated[str, Depends(who)]

    @router.post("/runs", status_code=202)
    async def start(body: Start, caller: Caller, wait: Wait = 0) -> dict[str, Any]:
        canonical(body.input, "The input")
        withdraw = caller if body.if_exists == "withdraw" else None
        queue = body.if_exists == "queue"
        await asyncio.to_thread(
            runs.submit, body.thread_id, body.input, queue=queue, withdraw=withdraw
        )
        return await background.work(body.thread_id, wait)

    @router.post("/runs/{thread_id:path}/retry", status_code=202)
    async def retry(thread_id: str, caller: Caller, wait: Wait = 0) -> dict[str, Any]:
        await asyncio.to_thread(runs.get, thread_id)
        return await background.work(thread_id, wait, retry=True)

    @router.get("/runs/{thread_id:path}")
    async def run(thread_id: str, caller: Caller) -> dict[str, Any]:
        shown = await background.show(await asyncio.to_thread(runs.get, thread_id))
        if background.asynchronous:
            values = await runs.aresult(thread_id)
        else:
            values = await asyncio.to_thread(runs.result, thread_id)
        return {**shown, "values": jsonable_encoder(values)}

    return router


def routes_of_desk(background: Background, who: Who) -> APIRouter:
    """Return what people can ask of the desk."""
    router, desk = APIRouter(), background.runs.desk

    def known(caller: Annotated[str, Depends(who)]) -> str:
        desk.roles_of(caller)
        return caller

    Person = Annotated[str, Depends(known)]

    @router.get("/pending")
    async def pending(person: Person, mine: bool = False) -> list[dict[str, Any]]:
        tickets = await asyncio.to_thread(desk.pending, person=person if mine else None)
        return [show_ticket(ticket) for ticket in tickets]

    @router.get("/requests/{ticket}")
    async def look_up(ticket: str, person: Person) -> dict[str, Any]:
        found = await asyncio.to_thread(desk.get, ticket)
        trail = [asdict(entry) for entry in await asyncio.to_thread(desk.audit, ticket)]
        return {**show_ticket(found), "audit": trail}

    async def decide(
        ticket: str, decision: Decision, body: Verdict, person: str, wait: float
    ) -> dict[str, Any]:
        found = await asyncio.to_thread(
            desk.decide, ticket, decision, by=person, note=body.note, seen=body.seen
        )
        shown = show_ticket(found)
        if found.source and found.status != "waiting":
            shown["run"] = await background.work(found.source.thread_id, wait)
        return shown

    @router.post("/requests/{ticket}/approve", status_code=202)
    async def approved(
        ticket: str, person: Person, body: Verdict | None = None, wait: Wait = 0
    ) -> dict[str, Any]:
        return await decide(ticket, approve(), body or Verdict(), person, wait)

    @router.post("/requests/{ticket}/reject", status_code=202)
    async def rejected(
        ticket: str, person: Person, body: Verdict, wait: Wait = 0
    ) -> dict[str, Any]:
        return await decide(ticket, reject(body.note), body, person, wait)

    @router.post("/requests/{ticket}/edit", status_code=202)
    async def edited(ticket: str, person: Person, body: Edit, wait: Wait = 0) -> dict[str, Any]:
        name = (await asyncio.to_thread(desk.get, ticket)).request["action"]
        return await decide(ticket, edit(name, body.args), body, person, wait)

    @router.post("/requests/{ticket}/answer", status_code=202)
    async def answered(ticket: str, person: Person, body: Answer, wait: Wait = 0) -> dict[str, Any]:
        return await decide(ticket, respond(body.message), body, person, wait)

    return router


def show_ticket(ticket: Ticket) -> dict[str, Any]:
    """Return a request as JSON."""
    return {
        "id": ticket.id,
        "kind": ticket.kind,
        "status": ticket.status,
        "request": ticket.request,
        "seen": ticket.digest,
        "waits_for": list(ticket.waits_for),
        "created_at": ticket.created_at,
        "expires_at": ticket.expires_at,
        "thread_id": ticket.source.thread_id if ticket.source else None,
    }
