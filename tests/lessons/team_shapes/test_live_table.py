"""One word of lesson 11 repeats its table with a live model: here another server plays it."""

from __future__ import annotations

import os
import subprocess
import sys

from courseware.lessons import LESSONS
from courseware.notebooks import cells
from practice_model import PracticeServer

SWITCH = "connect(live=False)"


def test_the_cell_asks_the_live_model_alone() -> None:
    page = LESSONS["11"].page.read_text(encoding="utf-8")
    codes = [cell.source for cell in cells(page) if cell.is_code]
    (cell,) = [source for source in codes if SWITCH in source]
    imports = (
        "from IPython.display import Markdown\n"
        "from langchain_openai import ChatOpenAI\n"
        "from courseware import connect\n"
        "from courseware.lessons.team_shapes.lab import compare, table\n"
        "display = lambda shown: print(shown.data)\n"
    )
    with PracticeServer(api_key="live-key") as server:
        ran = subprocess.run(
            [sys.executable, "-c", imports + cell.replace(SWITCH, "connect(live=True)")],
            env={
                **{name: value for name, value in os.environ.items() if "OPENAI" not in name},
                "OPENAI_BASE_URL": server.base_url,
                "OPENAI_API_KEY": "live-key",
                "AGENT_PATTERNS_MODEL": "gpt-5-mini",
            },
            capture_output=True,
            text=True,
            timeout=300,
        )
        asked = server.requests
    assert ran.returncode == 0, ran.stderr
    assert "Live model gpt-5-mini" in ran.stdout
    rows = [line for line in ran.stdout.splitlines() if line.startswith("| ")]
    calls = sum(int(row.split("|")[2]) for row in rows[2:])
    assert len(rows) == 7
    assert len(asked) == calls > 0
