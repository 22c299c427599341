"""The page of all parameters: `python -m vjepa2_bringup.parameter_page > docs/parameters.md`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from vjepa2_camera.camera_parameters import PARAMETERS as CAMERA
from vjepa2_franka.parameters import PARAMETERS as FRANKA_BRIDGE
from vjepa2_monitor.dashboard_parameters import PARAMETERS as DASHBOARD
from vjepa2_monitor.recorder_parameters import PARAMETERS as RECORDER
from vjepa2_node.parameters import Parameter
from vjepa2_planning.calibrator_parameters import PARAMETERS as CALIBRATOR
from vjepa2_planning.planner_parameters import PARAMETERS as PLANNER
from vjepa2_planning.sequencer_parameters import PARAMETERS as SEQUENCER
from vjepa2_simulation.simulation_parameters import PARAMETERS as SIMULATION
from vjepa2_world_model.world_model_parameters import PARAMETERS as WORLD_MODEL

NODES: dict[str, Sequence[Parameter]] = {
    "simulation": SIMULATION,
    "camera": CAMERA,
    "franka_bridge": FRANKA_BRIDGE,
    "world_model": WORLD_MODEL,
    "planner": PLANNER,
    "sequencer": SEQUENCER,
    "calibrator": CALIBRATOR,
    "recorder": RECORDER,
    "dashboard": DASHBOARD,
}
INTRODUCTION = """# Parameters

Written by `python -m vjepa2_bringup.parameter_page`; the nodes declare the same descriptions and
ranges. *Fixed* ones can only be changed while the node is unconfigured; all others at run time.
"""


def parameter_page() -> str:
    """Markdown: a table for each node."""
    return "\n".join([INTRODUCTION, *(_table(node, NODES[node]) for node in NODES)])


def _table(node: str, parameters: Sequence[Parameter]) -> str:
    rows = "\n".join(
        f"| `{p.name}` | `{_default(p)}` | {_range(p)} | {p.description}"
        f"{' *Fixed.*' if p.fixed else ''} |"
        for p in parameters
    )
    return f"## {node}\n\n| parameter | default | range | meaning |\n|---|---|---|---|\n{rows}\n"


def _default(parameter: Parameter) -> str:
    value = parameter.default
    return str(value).lower() if isinstance(value, bool) else str(value) or '""'


def _range(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(parameter.choices)
    if parameter.lower is None or parameter.upper is None:
        return ""
    return f"{parameter.lower:g} to {parameter.upper:g}"


if __name__ == "__main__":
    sys.stdout.write(parameter_page())
