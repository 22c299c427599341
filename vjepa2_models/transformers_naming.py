"""The names and sizes that `transformers` gives to V-JEPA 2, to and from the official ones.

It splits queries, keys and values, which the official code keeps in one matrix, and stacks the
mask tokens, which the official code keeps apart.
"""

from collections.abc import Mapping
from typing import Any

import torch

from vjepa2_models.checkpoint import CheckpointError, Weights
from vjepa2_models.dimensions import (
    Dimensions,
    EncoderDimensions,
    MaskPredictorDimensions,
)

# Official prefix and that of `transformers`, inside each of the two networks.
ENCODER = (
    ("patch_embed.proj.", "embeddings.patch_embeddings.proj."),
    ("blocks.", "layer."),
    ("norm.", "layernorm."),
)
PREDICTOR = (
    ("predictor_embed.", "embeddings.predictor_embeddings."),
    ("predictor_blocks.", "layer."),
    ("predictor_norm.", "layernorm."),
    ("predictor_proj.", "proj."),
)
MASK_TOKENS = "embeddings.mask_tokens"
SPLIT = ("query", "key", "value")

Prefixes = tuple[tuple[str, str], ...]


def encoder_from_transformers(weights: Weights, where: str = "encoder") -> Weights:
    """Official names of an encoder's weights, given without their `encoder.`."""
    return _from_transformers(weights, ENCODER, where)


def predictor_from_transformers(weights: Weights, where: str = "predictor") -> Weights:
    """Official names of a mask predictor's weights, given without their `predictor.`."""
    rest = dict(weights)
    tokens = rest.pop(MASK_TOKENS, ())
    stacked = {f"mask_tokens.{i}": token for i, token in enumerate(tokens)}
    return _from_transformers(rest, PREDICTOR, where) | stacked


def encoder_to_transformers(weights: Weights) -> Weights:
    """The reverse of `encoder_from_transformers`."""
    return _to_transformers(weights, ENCODER)


def predictor_to_transformers(weights: Weights) -> Weights:
    """The reverse of `predictor_from_transformers`."""
    rest = dict(weights)
    count = sum(name.startswith("mask_tokens.") for name in weights)
    tokens = torch.stack([rest.pop(f"mask_tokens.{i}") for i in range(count)])
    return _to_transformers(rest, PREDICTOR) | {MASK_TOKENS: tokens}


def dimensions_from_config(config: Mapping[str, Any]) -> Dimensions:
    """Sizes from the `config.json` of `transformers`.

    Raises:
        CheckpointError: if it is another model's, or lacks a size.
    """
    if config.get("model_type") != "vjepa2":
        raise CheckpointError(
            f"config.json is of model_type {config.get('model_type')!r}, not vjepa2"
        )
    try:
        return Dimensions(
            EncoderDimensions(
                config["hidden_size"],
                config["num_hidden_layers"],
                config["num_attention_heads"],
                config["mlp_ratio"],
            ),
            mask_predictor=MaskPredictorDimensions(
                config["pred_hidden_size"],
                config["pred_num_hidden_layers"],
                config["pred_num_attention_heads"],
                config["frames_per_clip"],
                config["pred_num_mask_tokens"],
            ),
            img_size=config["crop_size"],
            patch_size=config["patch_size"],
            tubelet_size=config["tubelet_size"],
            num_frames=config["frames_per_clip"],
        )
    except KeyError as missing:
        raise CheckpointError(f"config.json lacks {missing}") from missing


def config_from_dimensions(dimensions: Dimensions) -> dict[str, Any]:
    """The `config.json` of `transformers`."""
    encoder, predictor = dimensions.encoder, dimensions.mask_predictor
    return {
        "architectures": ["VJEPA2Model"],
        "model_type": "vjepa2",
        "patch_size": dimensions.patch_size,
        "crop_size": dimensions.img_size,
        "frames_per_clip": dimensions.num_frames,
        "tubelet_size": dimensions.tubelet_size,
        "hidden_size": encoder.embed_dim,
        "num_attention_heads": encoder.num_heads,
        "num_hidden_layers": encoder.depth,
        "mlp_ratio": encoder.mlp_ratio,
        "pred_hidden_size": predictor.embed_dim,
        "pred_num_attention_heads": predictor.num_heads,
        "pred_num_hidden_layers": predictor.depth,
        "pred_num_mask_tokens": predictor.num_mask_tokens,
    }


def _from_transformers(weights: Weights, prefixes: Prefixes, where: str) -> Weights:
    renamed: Weights = {}
    for name, value in weights.items():
        official = _replace(name, [(theirs, ours) for ours, theirs in prefixes])
        official = official.replace(".attention.", ".attn.")
        if ".attn.query." in official:
            parts = [name.replace("query", part) for part in SPLIT]
            if absent := [part for part in parts if part not in weights]:
                raise CheckpointError(f"{where}: missing {', '.join(absent)}")
            renamed[official.replace("query", "qkv")] = torch.cat([weights[p] for p in parts])
        elif ".attn.key." not in official and ".attn.value." not in official:
            renamed[official] = value
    return renamed


def _to_transformers(weights: Weights, prefixes: Prefixes) -> Weights:
    renamed: Weights = {}
    for name, value in weights.items():
        theirs = _replace(name, prefixes).replace(".attn.", ".attention.")
        if ".attention.qkv." in theirs:
            for part, third in zip(SPLIT, value.chunk(3), strict=True):
                renamed[theirs.replace("qkv", part)] = third
        else:
            renamed[theirs] = value
    return renamed


def _replace(name: str, prefixes: Prefixes | list[tuple[str, str]]) -> str:
    for old, new in prefixes:
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name
