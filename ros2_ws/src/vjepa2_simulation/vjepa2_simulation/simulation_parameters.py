"""The simulation's parameters."""

from __future__ import annotations

from vjepa2_node import names
from vjepa2_node.parameters import Parameter
from vjepa2_sim.scene import MAX_PICTURE
from vjepa2_sim.task_draw import OBJECTS, TASKS

PARAMETERS = (
    Parameter(
        "robot_address",
        "127.0.0.1",
        "loopback address at which franky finds the simulated robot; one simulation at each; "
        "empty: one that is free, which the log tells",
        fixed=True,
    ),
    Parameter("frame_rate", 15.0, "pictures a second [Hz]", 1.0, 60.0, fixed=True),
    Parameter("image_size", 128, "edge of the square pictures [px]", 16, MAX_PICTURE, fixed=True),
    Parameter(
        "seed",
        -1,
        "of the trial to begin with; -1: arm at home, nothing on the table",
        -1,
        2**31,
        fixed=True,
    ),
    Parameter("task", "reach", "of that trial", choices=("reach", *TASKS), fixed=True),
    Parameter(
        "object", "cup", "of that trial; of no meaning for reach", choices=OBJECTS, fixed=True
    ),
    Parameter("camera_frame", names.CAMERA_FRAME, "frame id of the pictures", fixed=True),
    Parameter(
        "image_delay",
        0.0,
        "a slow camera: pictures are published so much later than they are captured, in order, "
        "with the stamps of their capture [s]",
        0.0,
        5.0,
    ),
)
