"""World model, planner, sequencer and calibrator in one process.

Planner and calibrator then call the world model itself rather than its services; all else is the
same.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.run_nodes import run_nodes
from vjepa2_planning.calibrator_node import CalibratorNode
from vjepa2_planning.planner_node import PlannerNode
from vjepa2_planning.sequencer_node import SequencerNode
from vjepa2_world_model.world_model_node import WorldModelNode


def compose() -> Sequence[ManagedNode]:
    """The four nodes; planner and calibrator hold the world model's service object."""
    world_model = WorldModelNode()
    return [
        world_model,
        PlannerNode(world_model=world_model.service),
        SequencerNode(),
        CalibratorNode(world_model=world_model.service),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run them until a signal ends it."""
    return run_nodes(compose, arguments)


if __name__ == "__main__":
    sys.exit(main())
