"""`vjepa2 doctor` as it is typed."""

from __future__ import annotations

import json
import re

import pytest

from vjepa2.doctor.check_table import CHECKS
from vjepa2.doctor.command import main

ALL = {check.name for check in CHECKS}


def test_this_host(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing necessary is missing where the tests run, and each finding says enough."""
    status = main(["--json"])
    told = json.loads(capsys.readouterr().out)
    findings = {finding["name"]: finding for finding in told["findings"]}
    assert set(findings) == ALL - {"camera", "robot", "clock"}
    assert told["not_looked_at"] == ["camera", "robot"]
    assert status == 0, told
    assert all(f["found"] and (f["state"] == "ok") == (not f["remedy"]) for f in findings.values())
    assert "usable as world model" in findings["weights"]["found"]
    assert "a node can be made" in findings["ros"]["found"]


def test_something_missing_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    """As a table, with the remedy."""
    assert main(["--only", "camera", "--only", "robot", "--camera", "/dev/video987"]) == 1
    shown = capsys.readouterr().out
    assert "missing" in shown and "/dev/video987" in re.sub(r"[\s│]+", "", shown)
    assert "not looked at: robot (--robot)" in shown


@pytest.mark.parametrize(
    ("part", "left_out"),
    [("robot", {"torch", "weights"}), ("planning", {"camera", "realsense", "robot", "kernel"})],
)
def test_a_part_is_asked_for_no_more_than_it_needs(part: str, left_out: set[str]) -> None:
    """The robot's host has no torch, the other one no arm."""
    asked = {check.name for check in CHECKS if part in check.parts}
    assert not asked & left_out
    assert {"clock", "packages", "discovery"} <= asked
