"""What the linters say of the container files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.docker.conftest import ROOT

DOCKER = ROOT / "docker"


def _run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name(str(words[0]))
    return subprocess.run([tool, *words[1:]], capture_output=True, text=True)


def _compose_lint(*files: Path) -> subprocess.CompletedProcess[str]:
    settings = ("--config", DOCKER / "compose-lint.yaml", "--strict-config", "--fail-on", "low")
    return _run("compose-lint", "check", *settings, *files)


def test_dockerfile(dockerfile: Path) -> None:
    """Nothing, down to mere information."""
    ended = _run("hadolint", "--failure-threshold", "style", dockerfile)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_compose_files() -> None:
    """Nothing but what is suppressed with a reason."""
    ended = _compose_lint(DOCKER / "compose.yaml")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_linters_do_look(tmp_path: Path) -> None:
    """Bad files are found to be bad."""
    (tmp_path / "Dockerfile").write_text("FROM ros\nRUN cd /tmp && sudo ls\n")
    assert _run("hadolint", tmp_path / "Dockerfile").returncode != 0
    bad = tmp_path / "compose.yaml"
    bad.write_text("services:\n  a:\n    image: a:1\n    privileged: true\n")
    assert _compose_lint(bad).returncode == 1


def test_entrypoint_and_its_shell() -> None:
    """It can be run, and it is bash that runs it."""
    entrypoint = DOCKER / "entrypoint"
    assert entrypoint.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", entrypoint]).returncode == 0
