"""Reading and writing world models: the official layout (.pt) and ours (.safetensors)."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn

from vjepa2_models.dimensions import RELEASED, Dimensions, read_dimensions, sizes_in
from vjepa2_models.objective import L1, Objective
from vjepa2_models.safetensors_stream import write_safetensors
from vjepa2_models.world_model import WorldModel

Weights = dict[str, Tensor]

PREFIXES = ("module.", "backbone.")
"""What distributed training and the official wrapper put before every name."""

IGNORED_ENTRIES = frozenset(
    {
        "target_encoder",
        "mask_predictor",
        "opt",
        "scaler",
        "epoch",
        "loss",
        "lr",
        "batch_size",
        "world_size",
        "config",
    }
)
"""Parts of a checkpoint that inference does not need."""

IGNORED_WEIGHTS = frozenset({"pos_embed", "predictor_pos_embed"})
"""Absolute positions, left over in released files; the models use rotary ones."""


LONGEST_NAME = 80


class CheckpointError(ValueError):
    """A checkpoint that can't be used; the message names what is wrong and the remedy."""


def load_world_model(
    checkpoint: str | Path,
    config: Mapping[str, Any] | str | Path | None = None,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    objective: Objective = L1,
) -> WorldModel:
    """A world model, ready for inference.

    Args:
        checkpoint: a `.safetensors` file written by `save_world_model`, or a `.pt` file of the
            official layout (`encoder`, `predictor`). Nothing is unpickled but tensors.
        config: sizes, as a dict or as the path of a JSON file. Needed for a `.pt` file other
            than the released `vjepa2-ac-vitg.pt`; our own files carry theirs.
        device: where the weights go.
        dtype: their precision.
        objective: what the model's energies measure.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: on missing, unexpected (outside IGNORED_ENTRIES and IGNORED_WEIGHTS) or
            wrongly sized weights, each named, and on sizes that no model can have.
    """
    path = Path(checkpoint)
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}")
    entries, stored = _read(path)
    dimensions = given_sizes(config) if config is not None else stored or RELEASED
    for name in ("encoder", "predictor"):
        if name not in entries:
            raise CheckpointError(f"{path.name}: no '{name}' in it; it holds {_some(entries)}")
        if not is_network(entries[name]):
            raise CheckpointError(f"{path.name}: '{name}' in it is no network's weights by name")
    with torch.device("meta"):  # a size that doesn't fit costs no memory
        model = WorldModel(dimensions, objective)
    load_weights(model.encoder, entries["encoder"], f"{path.name}: encoder")
    load_weights(model.predictor, entries["predictor"], f"{path.name}: predictor")
    return model.to(device=device, dtype=dtype).eval().requires_grad_(False)


def save_world_model(
    model: WorldModel, path: str | Path, dtype: torch.dtype = torch.float16
) -> None:
    """Writes weights and sizes to a `.safetensors` file, complete or not at all."""
    metadata = {"dimensions": model.dimensions.to_json()}
    write_safetensors(model.state_dict(), Path(path), metadata, dtype)


def load_weights(module: nn.Module, weights: Mapping[str, Tensor], where: str) -> None:
    """Copies weights into a network; anything missing, unexpected or of another size is named.

    Raises:
        CheckpointError: with up to five names of each kind.
    """
    given = {
        name: value for name, value in clean_names(weights).items() if name not in IGNORED_WEIGHTS
    }
    wanted = module.state_dict()
    problems = []
    if missing := sorted(set(wanted) - set(given)):
        problems.append("missing " + _some(missing))
    if unexpected := sorted(set(given) - set(wanted)):
        problems.append("unexpected " + _some(unexpected))
    if resized := [
        f"{name} is {list(given[name].shape)}, expected {list(wanted[name].shape)}"
        for name in wanted
        if name in given and given[name].shape != wanted[name].shape
    ]:
        problems.append("of another size: " + _some(resized))
    if problems:
        raise CheckpointError(
            f"{where}: {'; '.join(problems)}. The sizes come from the config: pass the one that "
            "belongs to this checkpoint."
        )
    if odd := [name for name in wanted if not _is_plain(given[name])]:
        raise CheckpointError(f"{where}: not plain floating-point numbers: {_some(odd)}")
    on_meta = any(parameter.is_meta for parameter in module.parameters())
    module.load_state_dict(given, assign=on_meta)


def clean_names(weights: Mapping[str, Tensor]) -> Weights:
    """The same weights without the wrappers' prefixes."""
    cleaned = {}
    for name, value in weights.items():
        for prefix in PREFIXES:
            name = name.removeprefix(prefix)
        cleaned[name] = value
    return cleaned


def is_network(entry: object) -> bool:
    """Whether an entry of a checkpoint is a network's weights."""
    return isinstance(entry, Mapping) and all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in entry.items()
    )


def given_sizes(config: Mapping[str, Any] | str | Path) -> Dimensions:
    """As `read_dimensions`, but raises CheckpointError where it raises ValueError."""
    try:
        return read_dimensions(config)
    except ValueError as error:
        where = "the config" if isinstance(config, Mapping) else str(config)
        raise CheckpointError(f"{where}: no sizes of a model: {error}; correct them") from error


def stored_sizes(text: str, where: str) -> Dimensions:
    """The sizes that a checkpoint carries as JSON. Raises CheckpointError."""
    try:
        return read_dimensions(sizes_in(text))
    except ValueError as error:
        raise CheckpointError(
            f"{where}: the sizes in it are none of a model ({error}): the file is damaged"
        ) from error


def _is_plain(tensor: Tensor) -> bool:
    return tensor.layout is torch.strided and tensor.is_floating_point() and not tensor.is_meta


def _read(path: Path) -> tuple[dict[str, Weights], Dimensions | None]:
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    try:
        entries = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        raise CheckpointError(f"{path.name}: not a readable checkpoint: {error}") from error
    if not isinstance(entries, dict):
        raise CheckpointError(f"{path.name}: holds a {type(entries).__name__}, not a dict")
    unexpected = set(entries) - IGNORED_ENTRIES - {"encoder", "predictor"}
    if unexpected:
        raise CheckpointError(f"{path.name}: unexpected {_some(unexpected)}")
    return entries, None


def _read_safetensors(path: Path) -> tuple[dict[str, Weights], Dimensions]:
    entries: dict[str, Weights] = {}
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            for name in file.keys():  # noqa: SIM118 - not a dict
                part, _, rest = name.partition(".")
                entries.setdefault(part, {})[rest] = file.get_tensor(name)
    except Exception as error:
        raise CheckpointError(f"{path.name}: not a readable checkpoint: {error}") from error
    if "dimensions" not in metadata:
        raise CheckpointError(f"{path.name}: carries no sizes; was it written by this project?")
    return entries, stored_sizes(metadata["dimensions"], path.name)


def _some(names: Collection[object]) -> str:
    """Up to five names, in order; a broken file may have long ones, and others than texts."""
    shown = sorted(str(name)[:LONGEST_NAME] for name in names)
    return ", ".join(shown[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
