"""Any known checkpoint, read into the same parts under the official names, memory-mapped.

Known layouts: facebookresearch/vjepa2 (`.pt`), `transformers` (a folder, or its `.safetensors`)
and ours (`.safetensors`; `.pt` from stage 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from vjepa2_models.checkpoint import (
    CheckpointError,
    Weights,
    clean_names,
    is_network,
    stored_sizes,
)
from vjepa2_models.dimensions import Dimensions, sizes_in
from vjepa2_models.transformers_naming import (
    dimensions_from_config,
    encoder_from_transformers,
    predictor_from_transformers,
)

VERSION_2_1 = (
    "V-JEPA 2.1 differs from V-JEPA 2 in more than names: its rotary frequencies are interleaved "
    "and its positions rescaled to a 16x16 grid, stills have a patch embedding of their own, "
    "images and videos a learnt offset each, and several layers a norm of their own; the networks "
    "here have none of this and would compute something else from these weights"
)
VERSION_2_1_NAMES = frozenset({"video_mod_embed", "img_mod_embed", "norms_block.0.weight"})


@dataclass(frozen=True, eq=False)
class CheckpointFile:
    """What lies in a file, as it is: `entries` are its top level.

    `dimensions` are the sizes that it carries, if it does.
    """

    path: Path
    layout: str
    entries: Mapping[str, Any]
    dimensions: Dimensions | None


@dataclass(frozen=True, eq=False)
class Parts:
    """The networks' weights under the official names, without wrappers' prefixes."""

    name: str
    encoder: Weights
    encoder_entry: str
    ac_predictor: Weights | None
    mask_predictor: Weights | None
    dimensions: Dimensions | None


def read_parts(path: str | Path) -> Parts:
    """The parts of a checkpoint of any known layout.

    The encoder of a pre-training checkpoint is its teacher (`target_encoder`), as in the official
    evaluations and post-training; that of an action-conditioned one is `encoder`, as in the
    official hub.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: on an unreadable file, one without encoder, and V-JEPA 2.1.
    """
    return parts_of(read_file(path))


def parts_of(file: CheckpointFile) -> Parts:
    """See `read_parts`."""
    where, entries = file.path.name, file.entries
    if is_version_2_1(file):
        raise CheckpointError(f"{where}: {VERSION_2_1}. It can't be used here")
    if file.layout == "transformers":
        predictor = entries.get("predictor")
        return Parts(
            where,
            encoder_from_transformers(entries["encoder"], where),
            "encoder",
            None,
            None if predictor is None else predictor_from_transformers(predictor, where),
            file.dimensions,
        )
    entries = entries.get("modules", entries)  # those of a training's own checkpoint
    if not isinstance(entries, Mapping):
        raise CheckpointError(f"{where}: 'modules' in it holds no networks: the file is damaged")
    networks = {
        name: clean_names(entry) for name, entry in entries.items() if is_network(entry) and entry
    }
    predictor = networks.get("predictor")
    acts = predictor is not None and "action_encoder.weight" in predictor
    teacher_first = ("target_encoder", "encoder")
    order = teacher_first[::-1] if acts else teacher_first
    chosen = next((name for name in order if name in networks), None)
    if chosen is None:
        raise CheckpointError(
            f"{where}: no 'encoder' in it; it holds {', '.join(sorted(map(str, entries)))[:1000]}"
        )
    masked = networks.get("mask_predictor", None if acts else predictor)
    return Parts(
        where, networks[chosen], chosen, predictor if acts else None, masked, file.dimensions
    )


def read_file(path: str | Path) -> CheckpointFile:
    """The top level of a checkpoint; nothing is unpickled but tensors and plain values.

    Args:
        path: a file, or a folder of `transformers` with `config.json` and `.safetensors`.

    Raises:
        FileNotFoundError: if there is nothing.
        CheckpointError: if it can't be read; names the remedy.
    """
    path = Path(path)
    if path.is_dir():
        files = sorted(path.glob("*.safetensors"))
        if not files:
            raise FileNotFoundError(f"no .safetensors file in the folder {path}")
        return _read_safetensors(path, files)
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}")
    if path.suffix == ".safetensors":
        return _read_safetensors(path, [path])
    return _read_torch(path)


def is_version_2_1(file: CheckpointFile) -> bool:
    """Whether an encoder in it is one of V-JEPA 2.1."""
    return any(
        VERSION_2_1_NAMES & set(clean_names(entry))
        for entry in file.entries.values()
        if is_network(entry)
    )


def _read_torch(path: Path) -> CheckpointFile:
    try:
        entries = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        raise CheckpointError(
            f"{path.name}: not a readable checkpoint: {_why_unreadable(path, error)}"
        ) from error
    if not isinstance(entries, dict):
        raise CheckpointError(f"{path.name}: holds a {type(entries).__name__}, not a dict")
    return CheckpointFile(path, "official", entries, None)


def _why_unreadable(path: Path, error: Exception) -> str:
    """Classes that only unpickling would restore are named; else the first line of `error`."""
    try:
        classes = torch.serialization.get_unsafe_globals_in_checkpoint(str(path))
    except Exception:
        classes = []
    if not classes:
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    return (
        f"besides tensors it holds objects of {', '.join(sorted(classes))}, and loading them "
        "would run code from the file, which is never done here. If you trust its source, open "
        "it with the program that wrote it and save only the networks: "
        "torch.save({'encoder': ..., 'predictor': ...})"
    )


def _read_safetensors(path: Path, files: list[Path]) -> CheckpointFile:
    entries: dict[str, Weights] = {}
    metadata: dict[str, str] = {}
    try:
        for name in files:
            with safe_open(name, framework="pt") as file:
                metadata |= file.metadata() or {}
                for key in file.keys():  # noqa: SIM118 - not a dict
                    entry, _, rest = key.partition(".")
                    entries.setdefault(entry, {})[rest] = file.get_tensor(key)
    except Exception as error:
        raise CheckpointError(f"{path.name}: not a readable checkpoint: {error}") from error
    if any(name.startswith("embeddings.") for name in entries.get("encoder", {})):
        return CheckpointFile(path, "transformers", entries, _transformers_sizes(path))
    stored = metadata.get("dimensions")
    dimensions = None if stored is None else stored_sizes(stored, path.name)
    return CheckpointFile(path, "ours", entries, dimensions)


def _transformers_sizes(path: Path) -> Dimensions | None:
    config = (path if path.is_dir() else path.parent) / "config.json"
    if not config.is_file():
        return None
    try:
        return dimensions_from_config(sizes_in(config.read_text()))
    except CheckpointError:
        raise
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{config}: no sizes of a model: {error}; correct them") from error
