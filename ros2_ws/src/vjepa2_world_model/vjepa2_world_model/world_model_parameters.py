"""Parameters of the world model node."""

from __future__ import annotations

from typing import get_args

from vjepa2_models.objective import Distance
from vjepa2_node.parameters import Parameter, Values
from vjepa2_world_model.open_model import DTYPES, check_device

PARAMETERS = (
    Parameter(
        "model",
        "bundled",
        "World model: bundled, simulator (state in, distance out), or a checkpoint's path",
        fixed=True,
    ),
    Parameter(
        "device",
        "auto",
        "Where the model computes: auto (a GPU where there is one), cpu, cuda or cuda:<number>",
        fixed=True,
    ),
    Parameter(
        "dtype",
        "auto",
        "Precision of the model; auto: bfloat16 where the device computes in it, else float32",
        choices=("auto", *DTYPES),
        fixed=True,
    ),
    Parameter(
        "distance",
        "l1",
        "How far imagined features are from the goal's: mean absolute difference (paper), mean "
        "squared difference, or 1 - cosine",
        choices=get_args(Distance),
        fixed=True,
    ),
    Parameter(
        "sum_over_horizon",
        False,
        "Add up the distances of all imagined frames of a plan; otherwise the last one counts",
        fixed=True,
    ),
    Parameter(
        "compile",
        False,
        "Compile the predictor with torch.compile: the first plans take a minute, later ones less",
        fixed=True,
    ),
    Parameter(
        "latents",
        256,
        "How many latents are kept; the ones not used for longest go first. One of the released "
        "model takes 0.7 MB in bfloat16",
        lower=16,
        upper=100_000,
        fixed=True,
    ),
    Parameter(
        "torch_threads",
        0,
        "Threads of one call of the model on a CPU; 0: as many as torch chooses. Of the whole "
        "process, from its first configuration on",
        lower=0,
        upper=256,
        fixed=True,
    ),
)


def check(values: Values) -> None:
    """Raises ValueError for values that must not be."""
    check_device(values["device"])
