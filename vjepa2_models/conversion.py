"""Checkpoints from one layout into another."""

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from vjepa2_models.checkpoint import CheckpointError, Weights
from vjepa2_models.networks import Config, Networks, read_networks
from vjepa2_models.safetensors_stream import write_safetensors
from vjepa2_models.transformers_naming import (
    config_from_dimensions,
    encoder_to_transformers,
    predictor_to_transformers,
)
from vjepa2_models.world_model import WorldModel

OURS, OFFICIAL, TRANSFORMERS = ".safetensors", ".pt", ""
"""The suffix of the target tells its layout; a folder has none."""


def convert(
    source: str | Path,
    target: str | Path,
    dtype: torch.dtype | None = None,
    config: Config | None = None,
) -> Networks:
    """Writes the networks of `source`, and nothing else of it, to `target`.

    Args:
        source: a checkpoint of any known layout.
        target: `x.safetensors` (ours), `x.pt` (official), or a folder (`transformers`).
        dtype: float32, bfloat16 or float16; None keeps the source's.
        config: sizes, for a source that neither carries nor tells them.

    Returns:
        what was read; its weights are memory-mapped from `source`.

    Raises:
        FileNotFoundError: if there is no source.
        CheckpointError: if the source can't be read or the target can't be written.
    """
    target = Path(target)
    writers = {OURS: write_ours, OFFICIAL: write_official, TRANSFORMERS: write_transformers}
    if target.suffix not in writers:
        raise CheckpointError(
            f"{target}: unknown suffix {target.suffix}; give x.safetensors (ours), x.pt "
            "(official) or a folder (transformers)"
        )
    if target.exists() and target.samefile(source):
        raise CheckpointError(f"{target} is the source itself: give another target")
    networks = read_networks(source, config)
    target.parent.mkdir(parents=True, exist_ok=True)
    writers[target.suffix](networks, target, dtype)
    return networks


def export_official(
    model: WorldModel, path: str | Path, dtype: torch.dtype = torch.float32
) -> None:
    """Writes a world model as `.pt` for the official hub loader, evaluations and trainer."""
    networks = Networks(model.dimensions, model.encoder, model.predictor)
    write_official(networks, Path(path), dtype)


def write_ours(networks: Networks, path: Path, dtype: torch.dtype | None = None) -> None:
    """Our layout: `encoder.`, `predictor.` (action-conditioned) and `mask_predictor.`."""
    parts = {
        "encoder": networks.encoder,
        "predictor": networks.ac_predictor,
        "mask_predictor": networks.mask_predictor,
    }
    tensors = {
        f"{part}.{name}": value
        for part, network in parts.items()
        if network is not None
        for name, value in network.state_dict().items()
    }
    metadata = {"format": "pt", "dimensions": networks.dimensions.to_json()}
    write_safetensors(tensors, path, metadata, dtype)


def write_official(networks: Networks, path: Path, dtype: torch.dtype | None = None) -> None:
    """The layout of facebookresearch/vjepa2.

    The official trainer and evaluations read `target_encoder` and `epoch`, its hub `encoder`: the
    two encoders are the same, and stored once. `predictor` is the action-conditioned one, or else
    the mask predictor; beside the former the latter is `mask_predictor`, which is our own name.
    """
    encoder = _prefixed(networks.encoder, "module.backbone.", dtype)
    entries: dict[str, object] = {"encoder": encoder, "target_encoder": encoder, "epoch": 0}
    if networks.ac_predictor is not None:
        entries["predictor"] = _prefixed(networks.ac_predictor, "module.", dtype)
    if networks.mask_predictor is not None:
        name = "predictor" if networks.ac_predictor is None else "mask_predictor"
        entries[name] = _prefixed(networks.mask_predictor, "module.backbone.", dtype)
    partial = path.with_name(path.name + ".partial")
    try:
        torch.save(entries, partial)
        partial.replace(path)
    except RuntimeError as error:  # what torch raises on a full disk
        raise OSError(f"{path} could not be written ({error}); is the disk full?") from error
    finally:
        partial.unlink(missing_ok=True)


def write_transformers(networks: Networks, path: Path, dtype: torch.dtype | None = None) -> None:
    """A folder for `VJEPA2Model.from_pretrained`; it has no action-conditioned predictor."""
    tensors = _named("encoder.", encoder_to_transformers(networks.encoder.state_dict()))
    if networks.mask_predictor is not None:
        weights = predictor_to_transformers(networks.mask_predictor.state_dict())
        tensors |= _named("predictor.", weights)
    path.mkdir(parents=True, exist_ok=True)
    stored = dtype or next(iter(tensors.values())).dtype
    config = config_from_dimensions(networks.dimensions)
    config["dtype"] = str(stored).removeprefix("torch.")
    write_safetensors(tensors, path / "model.safetensors", {"format": "pt"}, dtype)
    partial = path / "config.json.partial"
    partial.write_text(json.dumps(config, indent=1))
    partial.replace(path / "config.json")


def _prefixed(network: nn.Module, prefix: str, dtype: torch.dtype | None) -> Weights:
    return _named(prefix, {n: _own(v, dtype) for n, v in network.state_dict().items()})


def _own(tensor: Tensor, dtype: torch.dtype | None) -> Tensor:
    """The tensor in a storage of its own: `torch.save` writes whole storages."""
    tensor = tensor.cpu().to(dtype or tensor.dtype).contiguous()
    whole = tensor.untyped_storage().nbytes() == tensor.numel() * tensor.itemsize
    return tensor if whole else tensor.clone()


def _named(prefix: str, weights: Weights) -> Weights:
    return {prefix + name: value for name, value in weights.items()}
