"""World models by the names that people give them on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vjepa2_models import bundled_checkpoint, fast_dtype, load_world_model
from vjepa2_models.baselines import (
    PixelWorldModel,
    PolicyWorldModel,
    baseline_kind,
    bundled_pixel_baseline,
    bundled_policy_baseline,
    load_pixel_predictor,
    load_policy,
)
from vjepa2_planner import WorldModel
from vjepa2_sim.simulator_world_model import SimulatorWorldModel

HELP = (
    "bundled, simulator (state in, distance out), pixels or policy (the baselines), or a "
    "checkpoint's path"
)
DEFAULT_SIZE = 128


def open_world_model(name: str) -> tuple[WorldModel[Any], int]:
    """The world model of a name in HELP or of a checkpoint's path, and its image size.

    Raises FileNotFoundError for a checkpoint that is not there, CheckpointError for a bad one.
    """
    if name == "simulator":
        return SimulatorWorldModel(), DEFAULT_SIZE
    bundled = {
        "bundled": bundled_checkpoint,
        "pixels": bundled_pixel_baseline,
        "policy": bundled_policy_baseline,
    }
    checkpoint = bundled[name]() if name in bundled else Path(name)
    # The baselines squeeze what they are shown, as they did with the pictures of their training.
    match baseline_kind(checkpoint):
        case "pixel predictor":
            predictor = load_pixel_predictor(checkpoint)
            return PixelWorldModel(predictor, fast_dtype()), DEFAULT_SIZE
        case "policy":
            return PolicyWorldModel(load_policy(checkpoint)), DEFAULT_SIZE
    model = load_world_model(checkpoint, dtype=fast_dtype())
    return model, model.dimensions.img_size
