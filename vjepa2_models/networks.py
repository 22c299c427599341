"""The networks of a checkpoint of any known layout, checked against its sizes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from vjepa2_models.ac_predictor import ACPredictor
from vjepa2_models.checkpoint import given_sizes, load_weights
from vjepa2_models.checkpoint_parts import Parts, read_parts
from vjepa2_models.dimensions import Dimensions
from vjepa2_models.encoder import Encoder
from vjepa2_models.inferred_sizes import sizes
from vjepa2_models.mask_predictor import MaskPredictor

Config = Mapping[str, Any] | str | Path


@dataclass(frozen=True, eq=False)
class Networks:
    """An encoder, and the predictors that came with it."""

    dimensions: Dimensions
    encoder: Encoder
    ac_predictor: ACPredictor | None = None
    mask_predictor: MaskPredictor | None = None


def read_networks(path: str | Path, config: Config | None = None) -> Networks:
    """All networks of a checkpoint, in its own precision.

    The weights stay memory-mapped where the layout allows: reading costs no memory.

    Args:
        path: see `checkpoint_parts.read_parts`.
        config: sizes, as a dict or as the path of a JSON file; None: those that the file carries,
            else those that the shapes of its weights tell.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: on an unknown layout, and on weights that don't fit the sizes.
    """
    return networks_of(read_parts(path), config)


def load_encoder(
    path: str | Path,
    config: Config | None = None,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Encoder:
    """The encoder of a checkpoint of any known layout, frozen; its sizes are `.dimensions`.

    A world model serves, a pre-training checkpoint (its teacher), and a file with nothing but an
    encoder. Arguments and errors are those of `read_networks`; predictors are not looked at.
    """
    parts = replace(read_parts(path), ac_predictor=None, mask_predictor=None)
    encoder = networks_of(parts, config).encoder
    return encoder.to(device=device, dtype=dtype).eval().requires_grad_(False)


def networks_of(parts: Parts, config: Config | None = None) -> Networks:
    """See `read_networks`."""
    dimensions = given_sizes(config) if config is not None else sizes(parts)
    with torch.device("meta"):  # the weights of the file take the place of these
        encoder = Encoder(dimensions)
        acting = None if parts.ac_predictor is None else ACPredictor(dimensions)
        masked = None if parts.mask_predictor is None else MaskPredictor(dimensions)
    load_weights(encoder, parts.encoder, f"{parts.name}: {parts.encoder_entry}")
    if acting is not None and parts.ac_predictor is not None:
        load_weights(acting, parts.ac_predictor, f"{parts.name}: predictor")
    if masked is not None and parts.mask_predictor is not None:
        load_weights(masked, parts.mask_predictor, f"{parts.name}: mask predictor")
    return Networks(dimensions, encoder, acting, masked)
