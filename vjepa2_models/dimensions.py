"""Sizes of the networks: plain records, stored with every checkpoint that we write."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

Crop = Literal["droid", "square"]
T = TypeVar("T")


@dataclass(frozen=True)
class EncoderDimensions:
    """A vision transformer (paper, section 2)."""

    embed_dim: int
    depth: int
    num_heads: int
    mlp_ratio: float = 4.0


@dataclass(frozen=True)
class ACPredictorDimensions:
    """The action-conditioned predictor (paper, section 3.1); MLP ratio 4."""

    embed_dim: int = 1024
    depth: int = 24
    num_heads: int = 16
    use_extrinsics: bool = False


@dataclass(frozen=True)
class MaskPredictorDimensions:
    """The mask-denoising predictor of pre-training (paper, section 2.1); MLP ratio 4."""

    embed_dim: int = 384
    depth: int = 12
    num_heads: int = 12
    num_frames: int = 64
    num_mask_tokens: int = 10


ENCODERS: Mapping[str, EncoderDimensions] = {
    "vit_tiny": EncoderDimensions(192, 12, 3),
    "vit_small": EncoderDimensions(384, 12, 6),
    "vit_base": EncoderDimensions(768, 12, 12),
    "vit_large": EncoderDimensions(1024, 24, 16),
    "vit_huge": EncoderDimensions(1280, 32, 16),
    "vit_giant": EncoderDimensions(1408, 40, 22, 48 / 11),
}
"""`vit_giant` is what the official code calls `vit_giant_xformers`: 22 heads of 64."""


@dataclass(frozen=True)
class Dimensions:
    """Everything needed to build a world model, and the crop that it was trained with."""

    encoder: EncoderDimensions
    ac_predictor: ACPredictorDimensions = ACPredictorDimensions()
    mask_predictor: MaskPredictorDimensions = MaskPredictorDimensions()
    img_size: int = 256
    patch_size: int = 16
    tubelet_size: int = 2
    num_frames: int = 64
    crop: Crop = "droid"

    def __post_init__(self) -> None:
        if self.img_size % self.patch_size:
            raise ValueError(
                f"img_size {self.img_size} is not a multiple of patch_size {self.patch_size}"
            )
        if self.crop not in ("droid", "square"):
            raise ValueError(f"unknown crop {self.crop!r}: choose 'droid' or 'square'")

    @property
    def grid(self) -> int:
        """Patches along one side of the image."""
        return self.img_size // self.patch_size

    @property
    def tokens(self) -> int:
        """Patch tokens of one frame."""
        return self.grid**2

    def to_json(self) -> str:
        return json.dumps(asdict(self))


RELEASED = Dimensions(encoder=ENCODERS["vit_giant"])
"""Sizes of the released `vjepa2-ac-vitg.pt`."""


def read_dimensions(config: Mapping[str, Any] | str | Path) -> Dimensions:
    """Sizes from a dict, or from the path of a JSON file.

    Raises:
        ValueError: on an unknown key, named together with the keys that exist.
        FileNotFoundError: if the path does not exist.
    """
    values: dict[str, Any]
    if isinstance(config, str | Path):
        values = json.loads(Path(config).read_text())
    else:
        values = dict(config)
    parts = {
        "encoder": EncoderDimensions,
        "ac_predictor": ACPredictorDimensions,
        "mask_predictor": MaskPredictorDimensions,
    }
    for name, record in parts.items():
        if name in values:
            values[name] = _read_record(record, values[name], f"config.{name}")
    return _read_record(Dimensions, values, "config")


def _read_record(record: type[T], values: Mapping[str, Any], where: str) -> T:
    known = [f.name for f in fields(record)]  # type: ignore[arg-type]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ValueError(f"{where}: unknown key {', '.join(unknown)}; known: {', '.join(known)}")
    return record(**values)
