"""Parameters of the recorder."""

from __future__ import annotations

from vjepa2_monitor.disk_space import Limits
from vjepa2_node.parameters import Parameter, Values

PARAMETERS = (
    Parameter("folder", "runs", "where each recording gets a folder of its own", fixed=True),
    Parameter(
        "run_limit",
        500.0,
        "size at which a recording ends, before compression [MB]",
        1.0,
        1e6,
        fixed=True,
    ),
    Parameter(
        "folder_limit",
        5000.0,
        "size of all recordings in the folder from which on none begins [MB]",
        1.0,
        1e8,
        fixed=True,
    ),
    Parameter(
        "min_free",
        2000.0,
        "free space below which nothing is recorded [MB]",
        0.0,
        1e8,
        fixed=True,
    ),
    Parameter(
        "queue_limit",
        64.0,
        "messages that may wait for the disk; further ones are dropped [MB]",
        0.0,
        10_000.0,
        fixed=True,
    ),
    Parameter(
        "live_rate",
        5.0,
        "live images to look at a second, as JPEG [Hz]; 0: none. Those that were planned from are "
        "always recorded, and without loss",
        0.0,
        60.0,
    ),
)


def limits_from(values: Values) -> Limits:
    """What a recording may take."""
    return Limits(values["run_limit"], values["folder_limit"], values["min_free"])
