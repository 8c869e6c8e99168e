"""A real JupyterLab in a real browser, for tests.

`LabServer` is one JupyterLab with settings, workspaces and notebooks of its own in a temporary
folder. `Lab` opens notebooks in it; a `Notebook` is one open notebook and what a learner does
with it: run, wait, press, type, look. See `conftest.py` for the fixtures.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import nbformat
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "test-results"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension/tracker": {
        "windowingMode": "none",
        "autoStartDefaultKernel": True,
        "kernelShutdown": True,
    },
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LabServer:
    """One JupyterLab server; ends with its kernels when stopped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root"
        self.token = secrets.token_hex(16)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "jupyterlab.log"

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        self.root.mkdir(parents=True)
        settings = self.folder / "settings"
        for name, values in SETTINGS.items():
            path = settings / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values), encoding="utf-8")
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTEST"))},
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.folder / "workspaces"),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "AGENT_PATTERNS_UNATTENDED": "",
            "AGENT_PATTERNS_PROGRESS": str(self.folder / "progress.sqlite"),
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += [f"--port={self.port}", "--ServerApp.port_retries=0", "--ip=127.0.0.1"]
        command += [f"--ServerApp.root_dir={self.root}", f"--IdentityProvider.token={self.token}"]
        command += ["--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.root, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                if self.api("GET", "/api/status").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"JupyterLab did not start:\n{self._log.read_text('utf-8')[-3000:]}")

    def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call of the server's own API."""
        return httpx.request(
            method,
            self.url + path,
            headers={"Authorization": f"token {self.token}"},
            timeout=10,
            trust_env=False,
            **options,
        )

    def end_sessions(self) -> None:
        """Shuts down every kernel."""
        for session in self.api("GET", "/api/sessions").json():
            self.api("DELETE", f"/api/sessions/{session['id']}")

    def stop(self) -> None:
        """Ends the server and its kernels."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Lab:
    """Opens notebooks of one server in one browser."""

    def __init__(self, server: LabServer, browser: Browser, name: str) -> None:
        self.server, self._browser, self._name = server, browser, name
        self._contexts: list[BrowserContext] = []
        self._number = 0
        self.notebooks: list[Notebook] = []

    @property
    def root(self) -> Path:
        """The folder in which notebooks run."""
        return self.server.root

    def open(
        self, source: Sequence[str] | Path, *, width: int = 1180, height: int = 860
    ) -> Notebook:
        """Opens a notebook: cells given as a list of sources, or a copy of a notebook file."""
        self._number += 1
        path = self.root / f"{self._name}_{self._number}.ipynb"
        if isinstance(source, Path):
            shutil.copyfile(source, path)
        else:
            made = nbformat.v4.new_notebook(
                cells=[nbformat.v4.new_code_cell(cell.strip("\n")) for cell in source],
                metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            )
            nbformat.write(made, path)
        return self.reopen(path, width=width, height=height)

    def reopen(self, path: Path, *, width: int = 1180, height: int = 860) -> Notebook:
        """Opens a notebook file that lies in the server's folder, in a new browser window."""
        context = self._browser.new_context(viewport={"width": width, "height": height})
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        relative = path.relative_to(self.root).as_posix()
        page.goto(f"{self.server.url}/lab/tree/{relative}?token={self.server.token}&reset")
        notebook = Notebook(page, path)
        self.notebooks.append(notebook)
        notebook.wait_ready()
        return notebook

    def close(self) -> None:
        """Puts the theme back, closes every window and ends every kernel."""
        for notebook in self.notebooks:
            if notebook.themed:
                notebook.theme("JupyterLab Light")
        for context in self._contexts:
            context.close()
        self.server.end_sessions()


_PANEL = "window.jupyterapp.shell.currentWidget"


class Notebook:
    """One open notebook, and what a learner does with it."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page, self.path = page, path
        self.errors: list[str] = []
        self.themed = False
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    # where it stands

    def wait_ready(self) -> None:
        """Waits until the notebook is drawn and its kernel is idle."""
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell", timeout=60_000)
        self.wait_idle(60)

    def status(self) -> str:
        """The kernel's state, such as ``idle`` or ``busy``."""
        found = self.page.evaluate(f"() => {_PANEL}?.sessionContext?.session?.kernel?.status ?? ''")
        return str(found)

    def wait_idle(self, seconds: float = 60) -> None:
        """Waits until no cell runs or is queued and the kernel is idle."""
        self.page.wait_for_function(
            f"""() => {_PANEL}?.sessionContext?.session?.kernel?.status === 'idle'
              && {_PANEL}.content.widgets.every(c => c.model.executionState !== 'running'
                 && !(c.promptNode?.textContent ?? '').includes('*'))""",
            timeout=seconds * 1000,
        )

    def counts(self) -> list[int | None]:
        """Execution count of every cell; None for one that has not finished."""
        found = self.page.evaluate(
            f"() => {_PANEL}.content.widgets.map(c => c.model.executionCount ?? null)"
        )
        return list(found)

    def prompt(self, cell: int) -> str:
        """A cell's prompt: ``[*]:`` while it runs or waits its turn."""
        return self.cell(cell).locator(".jp-InputPrompt").first.inner_text().strip()

    # running

    def command(self, name: str, **arguments: Any) -> None:
        """Starts one of JupyterLab's commands, and does not wait for its end."""
        self.page.evaluate(
            "([name, args]) => { window.jupyterapp.commands.execute(name, args); }",
            [name, arguments],
        )

    def run_all(self, *, wait: bool = True, seconds: float = 120) -> None:
        """Run All; checks that it began, and waits for its end unless told otherwise.

        Now and then JupyterLab drops a Run All that comes right after the kernel has started, so
        it is given again when nothing has begun.
        """
        before = self.counts()
        for _ in range(3):
            self.command("notebook:run-all-cells")
            if self._began(before):
                break
        else:
            raise AssertionError("Run All began nothing")
        if wait:
            self.wait_idle(seconds)

    def _began(self, before: list[int | None]) -> bool:
        """Whether a cell runs, waits its turn, or has another count than `before` the command."""
        try:
            self.page.wait_for_function(
                f"""(before) => {_PANEL}.content.widgets.some((c, i) =>
                  (c.promptNode?.textContent ?? '').includes('*')
                  || c.model.executionCount !== before[i])""",
                arg=before,
                timeout=5000,
            )
        except Exception as error:
            if "Timeout" in type(error).__name__:
                return False
            raise
        return True

    def run_cell(self, cell: int, *, wait: bool = True, seconds: float = 60) -> None:
        """Runs one cell."""
        self.page.evaluate(f"(index) => {{ {_PANEL}.content.activeCellIndex = index; }}", cell)
        self.page.evaluate(f"() => {_PANEL}.content.deselectAll()")
        before = self.counts()
        for _ in range(3):
            self.command("notebook:run-cell")
            if self._began(before):
                break
        if wait:
            self.wait_idle(seconds)

    def interrupt(self) -> None:
        """The stop button of the notebook's toolbar."""
        self.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"]').click()

    def restart_kernel(self) -> None:
        """Restarts the kernel without asking back, and waits until it is idle."""
        self.page.evaluate(f"() => {_PANEL}.sessionContext.session.kernel.restart()")
        self.wait_idle()

    # looking and pressing

    def cell(self, cell: int) -> Locator:
        """A cell, input and output."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell)

    def outputs(self, cell: int) -> Locator:
        """A cell's output area."""
        return self.cell(cell).locator(".jp-OutputArea").first

    def output(self, cell: int) -> str:
        """What a cell shows, as text."""
        shown = self.outputs(cell).locator(".jp-OutputArea-output")
        return "\n".join(shown.all_inner_texts())

    def wait_text(self, cell: int, text: str, seconds: float = 30) -> None:
        """Waits until a cell's output shows `text`."""
        found = self.outputs(cell).get_by_text(text).first
        found.wait_for(state="visible", timeout=seconds * 1000)

    def button(self, name: str, cell: int | None = None) -> Locator:
        """A visible button by its accessible name, in one cell's output or anywhere."""
        where = self.page.locator(".jp-Notebook") if cell is None else self.outputs(cell)
        return where.get_by_role("button", name=name, exact=True).locator("visible=true").first

    def click(self, name: str, cell: int | None = None) -> None:
        """Presses a button by its accessible name, and waits for the form that a "…" opens."""
        self.button(name, cell).click()
        if name.endswith("…"):  # the form takes the keyboard: what is typed earlier goes elsewhere
            self.page.wait_for_selector(".ap-form :focus")

    def field(self, label: str, cell: int | None = None) -> Locator:
        """A field by its label."""
        where = self.page.locator(".jp-Notebook") if cell is None else self.outputs(cell)
        return where.get_by_label(label, exact=True).locator("visible=true").first

    def fill(self, label: str, text: str, cell: int | None = None) -> None:
        """Writes into a field."""
        self.field(label, cell).fill(text)

    def theme(self, name: str) -> None:
        """Changes JupyterLab's theme, for example to ``JupyterLab Dark``."""
        self.page.evaluate(
            "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name
        )
        self.themed = name != "JupyterLab Light"
        light = "false" if "Dark" in name else "true"
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")

    def serious(self, context: str = ".jp-Notebook .jp-OutputArea") -> list[str]:
        """What axe-core finds serious in a part of the page, in the theme it has now."""
        return [
            f"{each['id']}: {node['html'][:160]} {node['failureSummary']}"
            for each in Axe().run(self.page, context=context).response["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]

    def serious_in_both_themes(self) -> list[str]:
        """What axe-core finds serious in the outputs, in the dark and in the light theme."""
        found = []
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            self.theme(theme)
            found += [f"{theme}: {each}" for each in self.serious()]
        return found

    def screenshot(self, name: str, target: Locator | None = None) -> Path:
        """Keeps a picture of the window, or of a part of it, in ``test-results``."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.png"
        if target is None:
            self.page.screenshot(path=path)
        else:
            target.scroll_into_view_if_needed()
            target.screenshot(path=path)
        return path
