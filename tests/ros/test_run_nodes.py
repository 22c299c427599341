"""What a node's process says where it cannot begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.run_nodes import BAD_PARAMETER, run_nodes


def test_a_parameter_file_that_ros_cannot_read_is_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It names the file; no node is made."""
    path = tmp_path / "broken.yaml"
    path.write_text("a: [1\n")

    def make() -> list[ManagedNode]:
        raise AssertionError("a node was made")

    assert run_nodes(make, ["--ros-args", "--params-file", str(path)]) == BAD_PARAMETER
    told = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error:")]
    assert len(told) == 1
    assert str(path) in told[0] and "Traceback" not in told[0]
