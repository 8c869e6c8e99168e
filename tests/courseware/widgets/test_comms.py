"""A widget's messages are handled where the browser sends them, whoever published last."""

from __future__ import annotations

from ipykernel.comm.comm import BaseComm

from courseware.widgets import ApprovalPanel  # noqa: F401  (importing a widget sets the rule)


def test_a_message_goes_where_it_was_sent() -> None:
    comm = BaseComm(primary=False)
    comm._reply_subshell_id = None  # as after publishing from the main shell
    assert comm._reply_subshell_for({"method": "update"}, "subshell") == "subshell"
    comm._reply_subshell_ids["question"] = "asker"  # an answer still finds who asked
    assert comm._reply_subshell_for({"content": {"id": "question"}}, "subshell") == "asker"
