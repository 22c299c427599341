"""Checkpoints: what loads, and what does not."""

from __future__ import annotations

from pathlib import Path

from vjepa2.doctor.finding import State
from vjepa2.doctor.host import Host
from vjepa2.doctor.weights import check


def test_the_bundled_one() -> None:
    """It is a world model, and its size is told."""
    finding = check(Host())
    assert finding.state is State.OK
    assert "MB" in finding.found and "world model" in finding.found


def test_one_that_is_not_there(tmp_path: Path) -> None:
    """Its path is named."""
    finding = check(Host(world_model=str(tmp_path / "absent.safetensors")))
    assert finding.state is State.MISSING
    assert "absent.safetensors" in finding.found and finding.remedy


def test_a_file_that_is_none(tmp_path: Path) -> None:
    """It is never run, and said to be unusable."""
    checkpoint = tmp_path / "some.pt"
    checkpoint.write_bytes(b"\x80\x04no checkpoint")
    finding = check(Host(world_model=str(checkpoint)))
    assert finding.state is State.MISSING
    assert "some.pt" in finding.found
