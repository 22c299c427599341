"""`vjepa2 weights inspect`: what a checkpoint holds and is good for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from torch import Tensor

from vjepa2_models.checkpoint import CheckpointError
from vjepa2_models.checkpoint_parts import CheckpointFile, parts_of, read_file
from vjepa2_models.inferred_sizes import encoder_shape, predictor_shape
from vjepa2_models.networks import networks_of


@dataclass(frozen=True)
class Entry:
    """One entry of a checkpoint's top level; `value` for one without tensors."""

    name: str
    tensors: int
    parameters: int
    bytes: int
    dtypes: tuple[str, ...]
    value: str = ""


@dataclass(frozen=True)
class Inspection:
    """What a checkpoint holds.

    Attributes:
        layout: official, transformers or ours.
        shapes: sizes of each network, as its weights tell them; None where they leave no trace.
        dimensions: the sizes to build the networks with; None if they can't be told.
        usable_as: "world model", "encoder" and "mask predictor", or nothing.
        notes: why it isn't usable, and what was assumed.
    """

    file: str
    layout: str
    bytes: int
    entries: tuple[Entry, ...]
    shapes: dict[str, dict[str, Any]]
    dimensions: dict[str, Any] | None
    usable_as: tuple[str, ...]
    notes: tuple[str, ...]


def inspect_file(path: Path, config: Path | None = None) -> Inspection:
    """Looks into a checkpoint of any known layout, without running anything in it.

    Args:
        path: a file, or a folder of `transformers`.
        config: sizes, where it has none.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: if it can't be read; names the remedy.
    """
    file = read_file(path)
    files = [path] if path.is_file() else list(path.glob("*.safetensors"))
    entries = tuple(_entry(str(name), value) for name, value in file.entries.items())
    size = sum(f.stat().st_size for f in files)
    return Inspection(str(path), file.layout, size, entries, *_use(file, config))


def print_inspection(inspection: Inspection, as_json: bool = False) -> None:
    """As tables, or as JSON."""
    if as_json:
        print(json.dumps(asdict(inspection), indent=1))
        return
    console = Console()
    console.print(f"{inspection.file}: layout {inspection.layout}, {_size(inspection.bytes)}")
    table = Table("entry", "tensors", "parameters", "size", "precision")
    for entry in inspection.entries:
        if entry.tensors:
            figures = (f"{entry.tensors}", f"{entry.parameters:,}", _size(entry.bytes))
            table.add_row(entry.name, *figures, ", ".join(entry.dtypes))
        else:
            table.add_row(entry.name, "", "", "", entry.value)
    console.print(table)
    for network, shape in inspection.shapes.items():
        told = ", ".join(f"{k} {'?' if v is None else _plain(v)}" for k, v in shape.items())
        console.print(f"{network}: {told}", soft_wrap=True)
    console.print(f"usable as: {', '.join(inspection.usable_as) or 'nothing, see below'}")
    for note in inspection.notes:
        console.print(f"note: {note}", soft_wrap=True)


def _use(
    file: CheckpointFile, config: Path | None
) -> tuple[dict[str, dict[str, Any]], dict[str, Any] | None, tuple[str, ...], tuple[str, ...]]:
    shapes: dict[str, dict[str, Any]] = {}
    try:
        parts = parts_of(file)
        shapes[f"encoder (from {parts.encoder_entry})"] = asdict(encoder_shape(parts.encoder))
        for name, weights in (
            ("AC predictor", parts.ac_predictor),
            ("mask predictor", parts.mask_predictor),
        ):
            if weights is not None:
                shapes[name] = asdict(predictor_shape(weights))
        networks = networks_of(parts, config)
    except CheckpointError as fault:
        return shapes, None, (), (str(fault),)
    sizes = networks.dimensions
    heads = {
        "encoder": sizes.encoder.num_heads,
        "AC": sizes.ac_predictor.num_heads,
        "mask": sizes.mask_predictor.num_heads,
    }
    for name, shape in shapes.items():
        shape["num_heads"] = heads[name.split()[0]]
    usable = {
        "world model": networks.ac_predictor,
        "encoder": networks.encoder,
        "mask predictor": networks.mask_predictor,
    }
    told = file.dimensions is not None or config is not None
    notes = [] if told else ["carries no sizes: image size and crop are assumed"]
    if networks.ac_predictor is not None:
        used = sizes.ac_predictor.use_extrinsics
        notes.append(
            f"camera extrinsics {'' if used else 'not '}used{'' if told else ' (assumed)'}"
        )
    as_what = tuple(name for name, network in usable.items() if network is not None)
    return shapes, asdict(sizes), as_what, tuple(notes)


def _entry(name: str, value: object) -> Entry:
    tensors = list(_tensors(value))
    dtypes = Counter(str(t.dtype).removeprefix("torch.") for t in tensors)
    return Entry(
        name,
        len(tensors),
        sum(t.numel() for t in tensors),
        sum(t.numel() * t.itemsize for t in tensors),
        tuple(dtype for dtype, _ in dtypes.most_common()),
        "" if tensors else repr(value)[:40],
    )


def _tensors(value: object) -> list[Tensor]:
    """All tensors in an entry, however deep, as in an optimiser's state."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in _tensors(item)]
    return []


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.2f} MB"


def _plain(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
