"""`vjepa2 weights fetch`: from a name or an address to a file that the stack can use."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import torch

from vjepa2_models.checkpoint import CheckpointError
from vjepa2_models.checkpoint_parts import VERSION_2_1
from vjepa2_models.checksum import accept
from vjepa2_models.conversion import convert
from vjepa2_models.dimensions import Dimensions
from vjepa2_models.download import check_scheme, check_space, download
from vjepa2_models.encoder import Encoder
from vjepa2_models.hub import download_from_hub
from vjepa2_models.known_weights import KnownWeights, find_weights
from vjepa2_models.mask_predictor import MaskPredictor
from vjepa2_models.world_model import WorldModel


def fetch(
    name: str,
    out: Path,
    sha256: str | None = None,
    dtype: torch.dtype = torch.float32,
    config: Path | None = None,
    raw: bool = False,
    keep: bool = False,
) -> Path:
    """Downloads weights and converts them to `out/<name>.safetensors`.

    Args:
        name: of known weights, or an address.
        out: folder; made if missing.
        sha256: what the download must have; None: what is published or was recorded.
        dtype: precision of the result.
        config: sizes, for an address of weights that don't tell them.
        raw: the download as it is.
        keep: the download stays, in `out/<name>.download`.

    Returns:
        the result, which may be there already.

    Raises:
        CheckpointError: on an unknown name, weights that can't be used here, and sizes that don't
            fit; in the last case the download stays.
        DownloadError, ChecksumError: see `vjepa2_models.download`.
    """
    source = _source(name)
    if source.kind == "V-JEPA 2.1" and not raw:
        raise CheckpointError(f"{source.name}: {VERSION_2_1}. --raw downloads it nevertheless")
    made = out / f"{source.name}.safetensors"
    if made.is_file() and not raw:
        print("already there; delete it to fetch it again", file=sys.stderr)
        return made
    beside = 0 if raw else converted_bytes(source.dimensions, source.kind, dtype)
    folder = out if raw else out / f"{source.name}.download"
    got = _download(source, folder, out, sha256, beside)
    if raw:
        return got
    check_space(out, beside)
    known: Mapping[str, Any] | None = asdict(source.dimensions) if source.dimensions else None
    convert(got, made, dtype, config or known)
    if not keep:
        shutil.rmtree(folder)
    return made


def converted_bytes(dimensions: Dimensions | None, kind: str, dtype: torch.dtype) -> int:
    """Room that the result takes; 0 where the sizes are not known before the download."""
    if dimensions is None:
        return 0
    with torch.device("meta"):
        networks = (
            [WorldModel(dimensions)]
            if kind == "world model"
            else [Encoder(dimensions), MaskPredictor(dimensions)]
        )
    return sum(p.numel() for n in networks for p in n.parameters()) * dtype.itemsize


def _source(name: str) -> KnownWeights:
    if "://" not in name:
        return find_weights(name)
    check_scheme(name)
    file = Path(urlsplit(name).path).name
    if not file:
        raise CheckpointError(f"{name}: the address names no file")
    return KnownWeights(file.partition(".")[0], "encoder", file, url=name)


def _download(
    source: KnownWeights, folder: Path, records: Path, sha256: str | None, beside: int
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if source.url is None:
        assert source.repository is not None
        record = records / f"{source.name}.sha256"
        return download_from_hub(source.repository, folder / source.name, record, sha256, beside)
    file = Path(urlsplit(source.url).path).name
    target, record = folder / file, records / f"{file}.sha256"
    if target.is_file():  # downloaded before, but not converted
        accept(target, target, record, sha256)
        return target
    return download(source.url, target, record, sha256, beside)
