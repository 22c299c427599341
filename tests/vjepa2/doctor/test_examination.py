"""Checks that fail in every way are findings, and harm no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from vjepa2.doctor.check_table import CHECKS, Check
from vjepa2.doctor.examination import examine, run_check
from vjepa2.doctor.finding import Finding, State
from vjepa2.doctor.host import Host

RAISES = "def check(host): raise RuntimeError('the cable is loose')"
HANGS = "import threading\ndef check(host): threading.Event().wait()"
CRASHES = "import os, signal\ndef check(host): os.kill(os.getpid(), signal.SIGSEGV)"
CHATS = """
import os
from vjepa2.doctor.finding import ok
def check(host):
    os.write(1, b'a library says hello')
    return ok('made', f'{host.robot} is there')
"""


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes a check of Python source."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")

    def make(name: str, source: str, timeout: float = 60.0) -> Check:
        (tmp_path / f"{name}_check.py").write_text(source)
        return Check(name, f"{name}_check", timeout)

    return make


def test_one_that_raises(make) -> None:
    """Its last words are what was found."""
    finding = run_check(make("raises", RAISES), Host())
    assert finding.state is State.MISSING
    assert "the cable is loose" in finding.found
    assert finding.remedy


def test_one_that_hangs(make) -> None:
    """It is ended."""
    finding = run_check(make("hangs", HANGS, timeout=0.5), Host())
    assert finding.state is State.MISSING
    assert "within 0.5 s" in finding.found


def test_one_that_crashes_and_one_that_is_not_there(make) -> None:
    """A broken library takes only its own check with it; the others keep their places."""
    seen: list[Finding] = []
    checks = [
        make("crashes", CRASHES),
        Check("absent", "no_such_module", 60.0),
        make("chats", CHATS),
    ]
    findings = examine(checks, Host(robot="10.0.0.1"), seen.append)
    assert [f.name for f in findings] == ["crashes", "absent", "chats"]
    assert "SIGSEGV" in findings[0].found
    assert "no_such_module" in findings[1].found
    assert findings[2] == Finding("chats", State.OK, "10.0.0.1 is there")
    assert {f.name for f in seen} == {f.name for f in findings}


def test_each_check_is_a_module_of_its_own() -> None:
    """And is known by one name."""
    assert len({check.module for check in CHECKS}) == len(CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)
