"""`vjepa2 replay` on runs that were tampered with; tests/system replays a real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vjepa2_monitor.machine import machine
from vjepa2_monitor.plan_replay import DIFFERENT, IDENTICAL, UNKNOWN, Verdict
from vjepa2_monitor.replay import changes, exit_status, main
from vjepa2_monitor.run_reader import RunError


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ([IDENTICAL, IDENTICAL], 0),
        ([IDENTICAL, DIFFERENT, UNKNOWN], 1),
        ([IDENTICAL, UNKNOWN], 2),
    ],
)
def test_exit_status(said: list[str], status: int) -> None:
    """One that differs matters most."""
    assert exit_status([Verdict(0, 0, 1, 0.1, verdict) for verdict in said]) == status


def test_what_is_no_recording(tmp_path: Path) -> None:
    """An empty folder, one whose recorder was killed, and damage: a sentence with the remedy."""
    with pytest.raises(RunError, match="give the folder of a recording"):
        main([str(tmp_path)])
    (tmp_path / "a.mcap").write_bytes(b"\x89MCAP0\r\n")
    with pytest.raises(RunError, match="its recorder was killed"):
        main([str(tmp_path)])
    (tmp_path / "metadata.yaml").write_text(json.dumps({"rosbag2_bagfile_information": {}}))
    with pytest.raises(RunError, match="cannot be read"):
        main([str(tmp_path)])


def test_another_machine_is_named() -> None:
    """Nothing to say on the same one."""
    assert changes(machine()) == []
    (line,) = changes({**machine(), "torch": "1.0"})
    assert line.startswith("torch is ")
    assert line.endswith("was 1.0")
