"""An independent client: Node's `openai` package against the practice model."""

import shutil
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

from practice_model import PracticeServer

HERE = Path(__file__).parent / "node"
CACHE = Path(__file__).parents[2] / ".course" / "node-client"


pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def client() -> tuple[str, Path]:
    """The path of node, and of the client's program beside its installed packages."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.fail("Node.js and npm are missing")
    CACHE.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    with FileLock(CACHE / "install.lock"):
        installed = CACHE / "installed.json"
        if not installed.exists() or installed.read_text(encoding="utf-8") != lock:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, CACHE / name)
            done = subprocess.run(
                [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                cwd=CACHE,
                capture_output=True,
                encoding="utf-8",
                timeout=240,
            )
            if done.returncode:
                pytest.fail(f"npm could not install the openai package: {done.stderr[-500:]}")
            installed.write_text(lock, encoding="utf-8")
        shutil.copy(HERE / "client.mjs", CACHE / "client.mjs")
    return node, CACHE / "client.mjs"


def test_nodes_client(client: tuple[str, Path], server: PracticeServer) -> None:
    node, program = client
    done = subprocess.run(
        [node, str(program), server.root_url],
        cwd=program.parent,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, f"after: {done.stdout}\n{done.stderr}"
    assert len(done.stdout.splitlines()) == 14
    assert all(record.mind_error is None for record in server.requests)


def test_the_lock_file_names_no_host() -> None:
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    assert "://" not in lock
