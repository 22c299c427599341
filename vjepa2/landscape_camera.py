"""The pose of the camera, for weights that were trained with it (DROID's extrinsics)."""

from __future__ import annotations

import argparse

from torch import Tensor

from vjepa2.landscape_input import parse_vector
from vjepa2_models import WorldModel

EXTRINSICS = "give it with --extrinsics 'x y z rx ry rz'"


def add_extrinsics_option(parser: argparse._ArgumentGroup) -> None:
    """`--extrinsics`; see `parse_extrinsics`."""
    parser.add_argument(
        "--extrinsics",
        metavar="'x y z rx ry rz'",
        help="the camera's pose in the base frame (m, rad), for weights trained with it",
    )


def parse_extrinsics(text: str | None) -> Tensor | None:
    """The pose [6] from text: x y z [m], extrinsic xyz Euler angles [rad]."""
    return None if text is None else parse_vector(text, "--extrinsics", "x y z rx ry rz")


def give_camera(model: WorldModel, pose: Tensor | None) -> None:
    """Tell the model this pose [6] of the camera; ValueError if it needs one and there is none."""
    if model.predictor.use_extrinsics and pose is None:
        raise ValueError(f"these weights need the camera's pose; {EXTRINSICS}")
    model.camera = pose
