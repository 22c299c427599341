"""Sizes of the networks: plain records, stored with every checkpoint that we write."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

Crop = Literal["droid", "square"]
T = TypeVar("T")

LARGEST = {
    "embed_dim": 16384,
    "depth": 256,
    "num_heads": 256,
    "img_size": 4096,
    "patch_size": 256,
    "tubelet_size": 64,
    "num_frames": 4096,
    "num_mask_tokens": 1024,
}
"""Far above any network that is known: a file that claims more is broken."""
MAY_BE_NONE = ("depth", "num_mask_tokens")
LARGEST_RATIO = 64.0


def check_sizes(record: Any) -> None:
    """Raises ValueError, with the name, for a size of a record that no network can have."""
    for name, largest in LARGEST.items():
        value, least = getattr(record, name, 1), 0 if name in MAY_BE_NONE else 1
        if type(value) is not int or not least <= value <= largest:
            raise ValueError(
                f"{name} must be a whole number from {least} to {largest}, not {_told(value)}"
            )
    dim, heads = getattr(record, "embed_dim", 1), getattr(record, "num_heads", 1)
    if dim % heads:
        raise ValueError(f"embed_dim {dim} is not a multiple of num_heads {heads}")


def _told(value: object) -> str:
    """A number, or the kind of anything else, which may be long."""
    if isinstance(value, bool | int | float) and abs(value) < 2**64:
        return str(value)
    return f"this {type(value).__name__}"


@dataclass(frozen=True)
class EncoderDimensions:
    """A vision transformer (paper, section 2)."""

    embed_dim: int
    depth: int
    num_heads: int
    mlp_ratio: float = 4.0

    def __post_init__(self) -> None:
        check_sizes(self)
        ratio = self.mlp_ratio
        number = isinstance(ratio, int | float) and not isinstance(ratio, bool)
        if not number or not 1 / self.embed_dim <= ratio <= LARGEST_RATIO:
            raise ValueError(
                f"mlp_ratio must be a number above 0 and at most {LARGEST_RATIO:g}, not "
                f"{_told(ratio)}"
            )


@dataclass(frozen=True)
class ACPredictorDimensions:
    """The action-conditioned predictor (paper, section 3.1); MLP ratio 4."""

    embed_dim: int = 1024
    depth: int = 24
    num_heads: int = 16
    use_extrinsics: bool = False

    def __post_init__(self) -> None:
        check_sizes(self)
        if not isinstance(self.use_extrinsics, bool):
            raise ValueError(
                f"use_extrinsics must be true or false, not {_told(self.use_extrinsics)}"
            )


@dataclass(frozen=True)
class MaskPredictorDimensions:
    """The mask-denoising predictor of pre-training (paper, section 2.1); MLP ratio 4."""

    embed_dim: int = 384
    depth: int = 12
    num_heads: int = 12
    num_frames: int = 64
    num_mask_tokens: int = 10

    def __post_init__(self) -> None:
        check_sizes(self)


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
        check_sizes(self)
        if self.img_size % self.patch_size:
            raise ValueError(
                f"img_size {self.img_size} is not a multiple of patch_size {self.patch_size}"
            )
        if self.crop not in ("droid", "square"):
            raise ValueError(f"unknown crop {str(self.crop)[:40]!r}: choose 'droid' or 'square'")

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
        ValueError: on an unknown or a missing key, named together with the keys that exist, and on
            a size that no network can have.
        FileNotFoundError: if the path does not exist.
    """
    given = sizes_in(Path(config).read_text()) if isinstance(config, str | Path) else config
    values = dict(given)
    parts = {
        "encoder": EncoderDimensions,
        "ac_predictor": ACPredictorDimensions,
        "mask_predictor": MaskPredictorDimensions,
    }
    for name, record in parts.items():
        if name in values:
            values[name] = _read_record(record, values[name], f"config.{name}")
    return _read_record(Dimensions, values, "config")


def sizes_in(text: str) -> dict[str, Any]:
    """The sizes that a JSON text holds, by name. Raises ValueError for anything else."""
    try:
        values = json.loads(text)
    except RecursionError:
        raise ValueError("the sizes are nested too deeply") from None
    if not isinstance(values, dict):
        raise ValueError(f"sizes are a mapping of names to numbers, not a {type(values).__name__}")
    return values


def _read_record(record: type[T], values: Any, where: str) -> T:
    known = {f.name: f for f in fields(record)}  # type: ignore[arg-type]
    if not isinstance(values, Mapping):
        raise ValueError(f"{where} must have the keys {', '.join(known)}, not {_told(values)}")
    if unknown := sorted(str(key)[:60] for key in set(values) - set(known)):
        raise ValueError(f"{where}: unknown key {', '.join(unknown)}; known: {', '.join(known)}")
    needed = [name for name, field in known.items() if field.default is MISSING]
    if missing := [name for name in needed if name not in values]:
        raise ValueError(f"{where}: missing {', '.join(missing)}")
    try:
        return record(**values)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
