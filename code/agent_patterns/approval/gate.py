"""Asking for approval inside a node, and doing what was approved, once.

Read this file first; it says what guards each failure between a question and its effect.

    what happens                             what guards it
    ---------------------------------------  ---------------------------------------------------
    an answer that the request does not      the desk (`InvalidDecision`) and `ask` refuse it; the
      allow, or an edit beyond its limits      question stays.  What only `ask` refuses (by `args`)
                                               the desk asks anew when the graph resumes; till then
                                               `ledger.deliver` would act: give the desk `args` too
    the approved action is changed           the ledger refuses it (`ArgumentsChanged`)
    a double click, two workers              one executes, since its key is unique; the others
                                               get `LeaseHeld`, and its result once it is done
    a crash between decision and effect      the ledger knows; `ledger.deliver` does what is due
    a crash, or an error, within the effect  uncertain: `deliver` skips it till people `settle` it;
      (or its receiver is away)                with `repeatable=True` repeated under the same key

    Only with a desk (`desk.ApprovalDesk`) whose runs are `runs.ApprovalRuns`:
    two people decide at once                the second meets the next step, or `AlreadyDecided`
    somebody without the role, or the asker  `WrongRole`, `SamePerson`, if you authenticated `by`
    nobody answers                           call `tick` often: it escalates, expires (own clock)
    a stale page approves something else     `decide(seen=…)`, the digest of what was shown
    a crash between decision and resume      the decision wakes its run in the same transaction
    a new message while a question waits     `submit`: `RunExists`, or `queue=True`, `withdraw=name`
"""

from __future__ import annotations

from langgraph.types import interrupt
from pydantic import BaseModel

from agent_patterns.approval.arguments import with_schema
from agent_patterns.approval.decisions import answer_schema, check_decision
from agent_patterns.approval.errors import InvalidDecision
from agent_patterns.approval.ledger import ApprovalLedger
from agent_patterns.approval.policy import Verdict
from agent_patterns.approval.protocol import ApprovalRequest, Decision, Review, action_of, approve


def ask(
    request: ApprovalRequest,
    *,
    key: str,
    ledger: ApprovalLedger | None = None,
    args: type[BaseModel] | None = None,
) -> Review:
    """Interrupt the node until a human has decided on `request`.

    The node starts again from its top when the answer comes, so draft in an earlier node, ask in
    this one, execute in a later one.  An answer that the request does not allow is refused before
    it is saved (`pydantic.ValidationError`; a `Runner` notes `failed`) and can be answered again.

    Args:
        request: What is to be done.
        key: Key of this approval, the same on every run of the node; a decision that comes from
            an approval desk brings its own.
        ledger: Where the approved action is recorded, so that it can be executed there once.
        args: What the action accepts, as requested and as edited; without it the ledger's model
            for this action.  Its JSON schema goes out with the request, for a panel.
    """
    if args is None and ledger is not None:
        args = ledger.args.get(request.get("action", ""))
    request = with_schema(request, args)
    decision = interrupt(request, response_schema=answer_schema(request, args))
    return _recorded(request, decision, key, ledger)


def pass_without_asking(
    request: ApprovalRequest, verdict: Verdict, *, key: str, ledger: ApprovalLedger | None = None
) -> Review:
    """Return the review of a request that a policy lets through, recorded like a human's.

    Ask the policy in a node of its own: within the one that interrupts it would be asked again on
    resume, and if it said yes then, the human's no would be lost.  `InvalidDecision` where the
    verdict is not to let it through.
    """
    if not verdict.automatic:
        raise InvalidDecision(f"a human must decide: {verdict.reason}")
    check_decision(request, approve())
    review = _recorded(request, approve(), key, ledger)
    return {**review, "message": f"approved automatically: {verdict.reason}"}


def _recorded(
    request: ApprovalRequest, decision: Decision, key: str, ledger: ApprovalLedger | None
) -> Review:
    """Return what a decision makes of a request; record what may be executed."""
    review: Review = {
        "approved": decision["type"] in ("approve", "edit"),
        "key": decision.get("approval_id", key),
        "action": decision.get("edited_action", action_of(request)),
        "message": decision.get("message", ""),
    }
    if ledger is not None and review["approved"]:
        ledger.record(review["key"], review["action"])
    return review
