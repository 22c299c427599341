"""Parameters of nodes that look, plan and move: how long they wait for whom."""

from __future__ import annotations

from vjepa2_node.parameters import Parameter

WAITING = (
    Parameter("image_timeout", 3.0, "wait for such an image before giving up [s]", 0.1, 30.0),
    Parameter("state_timeout", 1.0, "wait for the arm's state at its stamp [s]", 0.05, 10.0),
    Parameter("motion_timeout", 30.0, "wait for the end of one motion [s]", 1.0, 120.0),
    Parameter(
        "world_model_timeout",
        60.0,
        "wait for one answer of the world model [s]",
        1.0,
        600.0,
        fixed=True,
    ),
    Parameter("base_frame", "fr3_link0", "frame of states and commands", fixed=True),
)
