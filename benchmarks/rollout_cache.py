"""What it saves to keep keys and values: rollouts with and without, interleaved in one run.

python benchmarks/rollout_cache.py                the bundled model, on the CPU
python benchmarks/rollout_cache.py --released     ViT-g and 300M with random weights, on a GPU
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import torch
from machine import describe, timed
from rich.console import Console
from rich.table import Table
from torch import Tensor

from vjepa2_models import WorldModel, bundled_checkpoint, fast_dtype, load_world_model
from vjepa2_models.dimensions import RELEASED
from vjepa2_models.rollout import Rollout
from vjepa2_poses import actions_from_states, apply_action

CASES = tuple(product((1, 2, 4), (1, 2, 4)))
"""Frames of the context, horizon."""
CANDIDATES, REPETITIONS = 16, 7


@torch.inference_mode()
def plain(model: WorldModel, context: Tensor, states: Tensor, actions: Tensor) -> Tensor:
    """The last imagined features, every frame through the whole predictor again at each step."""
    features = context.expand(len(actions), -1, -1, -1)
    poses = states.expand(len(actions), -1, -1)
    taken = actions_from_states(poses)
    for step in range(actions.shape[1]):
        taken = torch.cat([taken, actions[:, step : step + 1]], dim=1)
        following = model.predict(features, taken.to(model.dtype), poses.to(model.dtype))
        features = torch.cat([features, following[:, -1:]], dim=1)
        poses = torch.cat([poses, apply_action(poses[:, -1:], taken[:, -1:])], dim=1)
    return features[:, -1]


@torch.inference_mode()
def fast(model: WorldModel, context: Tensor, states: Tensor, actions: Tensor) -> Tensor:
    """The same by the fast path."""
    *_, last = Rollout(model.predictor, context, states).imagine(actions)
    return last


def compare(model: WorldModel, frames: int, horizon: int) -> dict[str, float]:
    """Median seconds of both ways, taken in turn, and how far apart their features are."""
    random = torch.Generator().manual_seed(0)
    sizes = model.dimensions
    context = torch.randn(frames, sizes.tokens, sizes.encoder.embed_dim, generator=random)
    states = 0.1 * torch.randn(frames, 7, generator=random)
    actions = 0.05 * torch.randn(CANDIDATES, horizon, 7, generator=random)
    context = context.to(model.device, model.dtype)
    states, actions = states.to(model.device), actions.to(model.device)
    difference = (
        fast(model, context, states, actions) - plain(model, context, states, actions)
    ).abs()
    seconds: dict[str, list[float]] = {"plain": [], "fast": []}
    for _ in range(REPETITIONS):
        for way in (plain, fast):
            call = timed(lambda way=way: way(model, context, states, actions), 1, model.device)
            seconds[way.__name__].append(call)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {
        "context": frames,
        "horizon": horizon,
        "plain_seconds": medians["plain"],
        "fast_seconds": medians["fast"],
        "times_faster": medians["plain"] / medians["fast"],
        "largest_difference": float(difference.max()),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--released", action="store_true", help="the released sizes, on a GPU")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), help="default: the fast one")
    parser.add_argument("--json", type=Path, help="where the figures go")
    options = parser.parse_args(arguments)
    device = torch.device("cuda" if options.released else "cpu")
    dtype = getattr(torch, options.dtype) if options.dtype else fast_dtype(device)
    if options.released:
        with device:
            model = WorldModel(RELEASED).to(dtype).eval().requires_grad_(False)
    else:
        model = load_world_model(bundled_checkpoint(), dtype=dtype)
    rows = [compare(model, frames, horizon) for frames, horizon in CASES]
    table = Table("context", "horizon", "plain", "fast", "times faster", "largest difference")
    for row in rows:
        table.add_row(
            f"{row['context']}",
            f"{row['horizon']}",
            f"{1000 * row['plain_seconds']:.1f} ms",
            f"{1000 * row['fast_seconds']:.1f} ms",
            f"{row['times_faster']:.2f}",
            f"{row['largest_difference']:.1e}",
        )
    Console().print(table)
    if options.json:
        figures = {"dtype": str(dtype), "machine": describe(device), "rows": rows}
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
