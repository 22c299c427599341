"""Sizes of networks from the shapes of their weights, for files that don't carry them."""

from dataclasses import dataclass, replace

from vjepa2_models.checkpoint import CheckpointError, Weights
from vjepa2_models.checkpoint_parts import Parts
from vjepa2_models.dimensions import (
    ENCODERS,
    ACPredictorDimensions,
    Dimensions,
    EncoderDimensions,
    MaskPredictorDimensions,
)


@dataclass(frozen=True)
class EncoderShape:
    """What an encoder's weights tell; `num_heads` is None if no known encoder has these sizes."""

    embed_dim: int
    depth: int
    mlp_ratio: float
    patch_size: int
    tubelet_size: int
    num_heads: int | None


@dataclass(frozen=True)
class PredictorShape:
    """What a predictor's weights tell; `num_heads` is None unless the sizes are the released."""

    embed_dim: int
    depth: int
    num_heads: int | None


def encoder_shape(weights: Weights, where: str = "encoder") -> EncoderShape:
    """Raises CheckpointError if these are not the weights of an encoder of videos."""
    embed, hidden = weights.get("patch_embed.proj.weight"), weights.get("blocks.0.mlp.fc1.weight")
    if embed is None or hidden is None or embed.ndim != 5:
        raise CheckpointError(f"{where}: not the weights of a V-JEPA 2 encoder")
    dim, depth = embed.shape[0], _depth(weights, "blocks.")
    ratio = hidden.shape[0] / dim
    known = (e for e in ENCODERS.values() if (e.embed_dim, e.depth) == (dim, depth))
    heads = next((e.num_heads for e in known), None)
    return EncoderShape(dim, depth, ratio, embed.shape[3], embed.shape[2], heads)


def predictor_shape(weights: Weights, where: str = "predictor") -> PredictorShape:
    """Of an action-conditioned or of a mask predictor."""
    embed = weights.get("predictor_embed.weight")
    if embed is None:
        raise CheckpointError(f"{where}: not the weights of a V-JEPA 2 predictor")
    dim, depth = embed.shape[0], _depth(weights, "predictor_blocks.")
    released = (
        ACPredictorDimensions()
        if "action_encoder.weight" in weights
        else (MaskPredictorDimensions())
    )
    known = (released.embed_dim, released.depth) == (dim, depth)
    return PredictorShape(dim, depth, released.num_heads if known else None)


def sizes(parts: Parts) -> Dimensions:
    """The sizes that a file carries, else those that its weights tell.

    Image size (256), extrinsics (unused) and crop leave no trace in the weights: the released
    ones are assumed.

    Raises:
        CheckpointError: if the number of heads can't be told; names the remedy.
    """
    if parts.dimensions is not None:
        return parts.dimensions
    shape = encoder_shape(parts.encoder, parts.name)
    dimensions = Dimensions(
        EncoderDimensions(
            shape.embed_dim,
            shape.depth,
            _known(shape.num_heads, parts.name, "encoder"),
            shape.mlp_ratio,
        ),
        patch_size=shape.patch_size,
        tubelet_size=shape.tubelet_size,
    )
    if parts.ac_predictor is not None:
        acting = predictor_shape(parts.ac_predictor, parts.name)
        heads = _known(acting.num_heads, parts.name, "ac_predictor")
        record = ACPredictorDimensions(acting.embed_dim, acting.depth, heads)
        dimensions = replace(dimensions, ac_predictor=record)
    if parts.mask_predictor is not None:
        masked = predictor_shape(parts.mask_predictor, parts.name)
        heads = _known(masked.num_heads, parts.name, "mask_predictor")
        tokens = sum(name.startswith("mask_tokens.") for name in parts.mask_predictor)
        mask_record = MaskPredictorDimensions(
            masked.embed_dim, masked.depth, heads, num_mask_tokens=tokens
        )
        dimensions = replace(dimensions, mask_predictor=mask_record)
    return dimensions


def _known(heads: int | None, where: str, part: str) -> int:
    if heads is None:
        raise CheckpointError(
            f"{where}: the number of attention heads leaves no trace in the weights, and the "
            f"{part} is none of the released ones: pass the sizes (config, with {part}.num_heads)"
        )
    return heads


def _depth(weights: Weights, prefix: str) -> int:
    blocks = {name.split(".")[1] for name in weights if name.startswith(prefix)}
    return len(blocks)
