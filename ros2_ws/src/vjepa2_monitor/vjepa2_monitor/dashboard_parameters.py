"""Parameters of the dashboard."""

from __future__ import annotations

from vjepa2_node.parameters import Parameter

PARAMETERS = (
    Parameter(
        "port",
        8080,
        "of the page, on 127.0.0.1 alone; 0: any that is free",
        0,
        65535,
        fixed=True,
    ),
    Parameter(
        "imagine",
        True,
        "after each step, compute the energies around the plan and the imagined next frame, with "
        "a copy of the world model, on one thread that all others go before",
        fixed=True,
    ),
    Parameter(
        "largest_model",
        500.0,
        "checkpoints of more than this are not loaded a second time for it [MB]",
        0.0,
        1e6,
        fixed=True,
    ),
)
