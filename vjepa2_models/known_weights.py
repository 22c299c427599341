"""The released weights, and where they are.

Addresses: README of facebookresearch/vjepa2; the collection "V-JEPA 2" on Hugging Face. Meta
publishes neither sizes in bytes nor checksums; Hugging Face states both with every download.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from vjepa2_models.checkpoint import CheckpointError
from vjepa2_models.dimensions import ENCODERS, RELEASED, Dimensions

Kind = Literal["world model", "encoder", "V-JEPA 2.1"]

META = "https://dl.fbaipublicfiles.com/vjepa2/"


@dataclass(frozen=True)
class KnownWeights:
    """Released weights.

    Attributes:
        name: by which they are asked for.
        kind: what they are good for here; those of V-JEPA 2.1 can only be downloaded.
        about: encoder and resolution.
        url: of the official file; None for those on Hugging Face.
        repository: on Hugging Face; None for official files.
        dimensions: None for V-JEPA 2.1.
    """

    name: str
    kind: Kind
    about: str
    url: str | None = None
    repository: str | None = None
    dimensions: Dimensions | None = None


def _encoder(size: str, pixels: int) -> Dimensions:
    return Dimensions(ENCODERS[size], img_size=pixels)


def _official(name: str, about: str, dimensions: Dimensions, kind: Kind) -> KnownWeights:
    return KnownWeights(name, kind, about, url=f"{META}{name}.pt", dimensions=dimensions)


def _hub(repository: str, about: str, size: str, pixels: int) -> KnownWeights:
    name = repository.rpartition("/")[2]
    dimensions = _encoder(size, pixels)
    return KnownWeights(name, "encoder", about, repository=repository, dimensions=dimensions)


def _version_2_1(name: str, about: str) -> KnownWeights:
    return KnownWeights(name, "V-JEPA 2.1", about, url=f"{META}{name}.pt")


KNOWN = {
    weights.name: weights
    for weights in (
        _official("vjepa2-ac-vitg", "ViT-g 256 px + AC predictor", RELEASED, "world model"),
        _official("vitl", "ViT-L 256 px", _encoder("vit_large", 256), "encoder"),
        _official("vith", "ViT-H 256 px", _encoder("vit_huge", 256), "encoder"),
        _official("vitg", "ViT-g 256 px", _encoder("vit_giant", 256), "encoder"),
        _official("vitg-384", "ViT-g 384 px", _encoder("vit_giant", 384), "encoder"),
        _hub("facebook/vjepa2-vitl-fpc64-256", "ViT-L 256 px", "vit_large", 256),
        _hub("facebook/vjepa2-vith-fpc64-256", "ViT-H 256 px", "vit_huge", 256),
        _hub("facebook/vjepa2-vitg-fpc64-256", "ViT-g 256 px", "vit_giant", 256),
        _hub("facebook/vjepa2-vitg-fpc64-384", "ViT-g 384 px", "vit_giant", 384),
        _version_2_1("vjepa2_1_vitb_dist_vitG_384", "ViT-B 384 px"),
        _version_2_1("vjepa2_1_vitl_dist_vitG_384", "ViT-L 384 px"),
        _version_2_1("vjepa2_1_vitg_384", "ViT-g 384 px"),
        _version_2_1("vjepa2_1_vitG_384", "ViT-G 384 px"),
    )
}


def find_weights(name: str) -> KnownWeights:
    """Released weights by name, by repository or by the official file's name.

    Raises:
        CheckpointError: names the nearest known ones.
    """
    wanted = name.removeprefix("facebook/").removesuffix(".pt")
    if wanted in KNOWN:
        return KNOWN[wanted]
    near = get_close_matches(wanted, KNOWN, n=2, cutoff=0.4) or list(KNOWN)
    raise CheckpointError(
        f"no known weights '{name}': did you mean {' or '.join(near)}? An address must begin with "
        "https://; `vjepa2 weights fetch --help` lists all"
    )
