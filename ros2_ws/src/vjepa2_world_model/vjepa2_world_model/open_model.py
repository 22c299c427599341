"""World models by the names that the node's parameter `model` takes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vjepa2_models import bundled_checkpoint, fast_dtype, load_world_model
from vjepa2_models.objective import L1, Objective
from vjepa2_planner import WorldModel
from vjepa2_world_model.views import ImageViews, StateViews, Views

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A world model with what it takes as a view."""

    name: str
    model: WorldModel[Tensor]
    views: Views


def open_model(
    name: str,
    device: str = "auto",
    dtype: str = "auto",
    objective: Objective = L1,
    compiled: bool = False,
) -> OpenedModel:
    """The world model `bundled`, `simulator` or of a checkpoint's path.

    device: auto (a GPU where there is one) or as torch names it. dtype: auto (what is fast there
    and good enough), float32 or bfloat16. objective: what energies measure. compiled: with
    torch.compile. `simulator` has use for none of them.

    Raises FileNotFoundError for a checkpoint that is not there, CheckpointError for a bad one,
    ValueError for a device that is not there.
    """
    if name == "simulator":
        # The simulation's packages are missing on a host that only serves a checkpoint.
        from vjepa2_sim.simulator_world_model import SimulatorWorldModel

        return OpenedModel(name, SimulatorWorldModel(), StateViews())
    place = find_device(device)
    precision = fast_dtype(place) if dtype == "auto" else DTYPES[dtype]
    checkpoint = bundled_checkpoint() if name == "bundled" else name
    model = load_world_model(checkpoint, device=place, dtype=precision)
    model.objective = objective
    if compiled:
        model.compile_predictor()
    return OpenedModel(name, model, ImageViews())


def check_device(name: str) -> None:
    """Raises ValueError for what can be no device's name."""
    kind, _, index = name.partition(":")
    if name not in ("auto", "cpu") and (kind != "cuda" or (":" in name and not index.isdecimal())):
        raise ValueError(f"device must be auto, cpu, cuda or cuda:<number>, not {name!r}")


def find_device(name: str) -> torch.device:
    """The device of that name; raises ValueError where it is not there."""
    check_device(name)
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"device {name} is not there: torch sees {torch.cuda.device_count()} CUDA devices; "
            "set device to auto or cpu"
        )
    return device
