"""The live incident in real JupyterLab: it runs by itself, and its buttons switch the faults."""

from __future__ import annotations

SETUP = """
from courseware import connect
from courseware.widgets.incident import Incident
from agent_patterns.resilience import CircuitBreaker, Link, Policy
from langchain_openai import ChatOpenAI

course = connect()
server = course.practice
llm = ChatOpenAI(model="gpt-4.1-mini", max_retries=0, timeout=2, base_url=server.base_url,
                 api_key=server.api_key)

def policy(clock):
    breaker = CircuitBreaker("chat", failures=3, open_for=3, clock=clock)
    cache = Link("cache", lambda: "yesterday's answer", instant=True)
    return Policy("gpt-4.1-mini", breaker=breaker, fallbacks=[cache], clock=clock)
"""
INCIDENT = 'Incident(server, lambda: llm.invoke("Say hello to Ines.").text, policy)'


def test_an_outage_from_the_first_failure_to_the_closed_breaker(lab):
    notebook = lab.open([SETUP, INCIDENT, "1 + 1"], width=1100, height=900)
    notebook.run_all()
    notebook.click("Start", 1)
    notebook.button("Pause", 1).wait_for()
    notebook.outputs(1).locator("svg text", has_text="✓").first.wait_for()
    notebook.run_cell(2)
    assert notebook.output(2).strip() == "2"
    notebook.click("503 unavailable", 1)
    notebook.wait_text(1, "chat: open for")
    notebook.wait_text(1, "because")
    notebook.screenshot("incident_open", notebook.outputs(1))
    notebook.button("All is well", 1).focus()
    notebook.page.keyboard.press("Enter")
    notebook.wait_text(1, "chat: closed for")
    notebook.click("Pause", 1)
    notebook.button("Start", 1).wait_for()
    notebook.theme("JupyterLab Dark")
    notebook.screenshot("incident_dark", notebook.outputs(1))
