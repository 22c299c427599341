"""The pose of the camera, for weights that were trained with it (DROID's extrinsics)."""

from __future__ import annotations

import argparse
from typing import Any

from torch import Tensor

from vjepa2.landscape_input import parse_vector
from vjepa2_models.ac_predictor import ACPredictor

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


def fix_camera(predictor: ACPredictor, pose: Tensor | None) -> None:
    """From now on the predictor's rollouts are told this pose [6] of the camera in every frame.

    Nothing changes for one that does not use it. ValueError if it does and there is none.
    """
    if not predictor.use_extrinsics:
        return
    if pose is None:
        raise ValueError(f"these weights need the camera's pose; {EXTRINSICS}")
    advance = predictor.advance

    def told(features: Tensor, actions: Tensor, states: Tensor, **where: Any) -> Any:
        return advance(
            features, actions, states, pose.to(states).expand(*states.shape[:2], -1), **where
        )

    # Rollouts of candidates, which energies are made of, go through this method alone.
    predictor.advance = told  # type: ignore[assignment,method-assign]
