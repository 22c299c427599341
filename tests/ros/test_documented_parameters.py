"""Parameter files that pages show are taken by the nodes that they are for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rclpy.context import Context

from tests.docs.pages import Found, fenced
from tests.ros.test_presets import MODULES, context, flat, node_class
from vjepa2_bringup.arguments import Arguments
from vjepa2_bringup.own_parameters import parameters_by_node

__all__ = ["context"]  # a fixture

SHOWN = [block for block in fenced("yaml") if "ros__parameters" in block.text]


@pytest.mark.parametrize("example", SHOWN, ids=str)
def test_nodes_take_a_file_that_is_shown(example: Found, context: Context, tmp_path: Path) -> None:
    """As config:=FILE, and each of its values by the real node, where it then holds."""
    file = tmp_path / "lab.yaml"
    file.write_text(example.text)
    Arguments(config=str(file))
    for name, parameters in parameters_by_node(yaml.safe_load(example.text), str(example)):
        held = taken(name.removeprefix("/**/"), file, context)
        for parameter, value in flat(parameters):
            assert held[parameter] == value, (name, parameter)


def taken(node_name: str, file: Path, context: Context) -> dict[str, Any]:
    """The values of a node that was given a file."""
    node = node_class(MODULES[node_name])(
        context=context, cli_args=["--ros-args", "--params-file", str(file)]
    )
    try:
        return dict(node.parameters.values())
    finally:
        node.close()
        node.destroy_node()


def test_files_are_found() -> None:
    """The test above would pass on none."""
    assert SHOWN
