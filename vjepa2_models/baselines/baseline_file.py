"""Baselines on disk: `.safetensors` with weights, kind and sizes; nothing is ever unpickled."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import safe_open
from torch import Tensor, nn

from vjepa2_models.checkpoint import CheckpointError, load_weights
from vjepa2_models.safetensors_stream import write_safetensors

T = TypeVar("T")
Network = TypeVar("Network", bound=nn.Module)

COMMANDS = {"pixel predictor": "vjepa2 train-pixels", "policy": "vjepa2 train-policy"}
"""Kinds of baselines, and what writes one of a kind."""


def save_baseline(
    network: nn.Module, kind: str, sizes: Any, path: Path, dtype: torch.dtype = torch.float16
) -> None:
    """Writes a network of a kind with its sizes (a dataclass), complete or not at all."""
    metadata = {"baseline": kind, "sizes": json.dumps(asdict(sizes))}
    write_safetensors(network.state_dict(), path, metadata, dtype)


def read_baseline(path: Path, kind: str, sizes: type[T]) -> tuple[T, dict[str, Tensor]]:
    """Sizes, as the given dataclass, and weights in float32 of a baseline of this kind.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: if it is broken, or holds something else.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no {kind} at {path}")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except Exception as error:
        raise CheckpointError(f"{path.name}: not a readable {kind}: {error}") from error
    if (found := metadata.get("baseline")) != kind:
        raise CheckpointError(
            f"{path.name} holds {'no baseline' if found is None else f'a {found}'}, not a {kind}; "
            f"`{COMMANDS[kind]}` writes one"
        )
    try:
        given = json.loads(metadata["sizes"])
        # JSON has no tuples.
        plain = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
        return sizes(**plain), {name: value.float() for name, value in weights.items()}
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise CheckpointError(f"{path.name}: no sizes of a {kind}: {error}") from error


def build(network: Callable[[], Network], weights: Mapping[str, Tensor], where: str) -> Network:
    """The network with the weights. Raises CheckpointError if they are of other sizes."""
    try:
        with torch.device("meta"):  # a size that doesn't fit costs no memory
            load_weights(network(), weights, where)
    except CheckpointError:
        raise
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as error:
        raise CheckpointError(f"{where}: no network has the sizes in it: {error}") from error
    built = network()
    load_weights(built, weights, where)
    return built


def baseline_kind(path: Path) -> str | None:
    """The kind of baseline in a file; None if it holds something else, or can't be read."""
    try:
        with safe_open(path, framework="pt") as file:
            kind: str | None = (file.metadata() or {}).get("baseline")
            return kind
    except Exception:  # whoever reads it next says what is wrong with it
        return None


def bundled(kind: str, name: str) -> Path:
    """Path of the baseline of a kind that comes with the project, of this name.

    Raises:
        FileNotFoundError: if the installation lacks it.
    """
    path = Path(__file__).parents[1] / "weights" / name
    if not path.is_file():
        raise FileNotFoundError(
            f"no bundled {kind} at {path}: train one with `{COMMANDS[kind]}`, and give its path"
        )
    return path
