"""World models by the names that people give them on the command line."""

from __future__ import annotations

from typing import Any

from vjepa2_models import bundled_checkpoint, fast_dtype, load_world_model
from vjepa2_planner import WorldModel
from vjepa2_sim.simulator_world_model import SimulatorWorldModel

HELP = "bundled, simulator (state in, distance out), or a checkpoint's path"
DEFAULT_SIZE = 128


def open_world_model(name: str) -> tuple[WorldModel[Any], int]:
    """The world model `bundled`, `simulator` or of a checkpoint's path, and its image size.

    Raises FileNotFoundError for a checkpoint that is not there, CheckpointError for a bad one.
    """
    if name == "simulator":
        return SimulatorWorldModel(), DEFAULT_SIZE
    checkpoint = bundled_checkpoint() if name == "bundled" else name
    model = load_world_model(checkpoint, dtype=fast_dtype())
    return model, model.dimensions.img_size
