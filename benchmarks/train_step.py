"""One training step of stage 2, on made-up clips: samples a second, and how busy the card is.

The share is of the rate that the same machine reaches in one large matrix product of the same
precision, measured beside it. Operations are those that PyTorch's counter counts (matrix products
and attention) in one whole step: frozen encoder, both losses, backward pass; with gradient
checkpointing the repeated forward pass counts too.

    python benchmarks/train_step.py                                      the small model, on a CPU
    python benchmarks/train_step.py --released --json train_step.json    ViT-g and 300M, on a GPU
    python benchmarks/train_step.py --config config/training/post_train_24gb.yaml
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from machine import matrix_rate, timed
from torch.utils.flop_counter import FlopCounterMode

from vjepa2_models.training.engine.optimisation import Optimisation, network_dtype
from vjepa2_models.training.engine.processes import Processes, join_processes
from vjepa2_models.training.engine.settings_file import read_settings
from vjepa2_models.training.engine.stage import Batch
from vjepa2_models.training.post_training.losses import FeatureClips
from vjepa2_models.training.post_training.post_training import PostTrainingStage
from vjepa2_models.training.post_training.post_training_settings import PostTraining
from vjepa2_models.world_model import WorldModel

PRESETS = Path(__file__).parents[1] / "config" / "training"
SMALL, RELEASED = PRESETS / "post_train_sim_small.yaml", PRESETS / "post_train_official.yaml"
RELEASED_BATCH = 8  # clips on one GPU, as in the released configuration


@dataclass(frozen=True)
class MadeUpClips:
    """Batches of random features, or of random frames where the encoder is to run too."""

    settings: PostTraining

    def load(self, step: int, rows: range) -> Batch:
        sizes, frames = self.settings.dimensions, self.settings.clips.frames
        random = torch.Generator().manual_seed(step)
        tensors = {"states": torch.randn(len(rows), frames, 7, generator=random) * 0.1}
        if sizes.ac_predictor.use_extrinsics:
            tensors["extrinsics"] = torch.randn(len(rows), frames, 6, generator=random) * 0.1
        if self.settings.cache_features:
            patches = (len(rows), frames, sizes.tokens, sizes.encoder.embed_dim)
            tensors["features"] = torch.randn(patches, generator=random).half()
        else:
            pixels = (len(rows), frames, sizes.img_size, sizes.img_size, 3)
            tensors["frames"] = torch.randint(0, 256, pixels, dtype=torch.uint8, generator=random)
        return Batch(tensors, tuple(f"made up, row {row}" for row in rows))


def measure(settings: PostTraining, processes: Processes, steps: int) -> dict[str, object]:
    """Figures of `steps` steps, after one that warms up and one that is counted."""
    engine, device = settings.engine, processes.device
    torch.manual_seed(engine.seed)
    model = WorldModel(settings.dimensions).to(device)
    features = torch.zeros(1, 9, 1, 1)  # validation is not measured
    stage = PostTrainingStage(
        model, settings, MadeUpClips(settings), FeatureClips(features, features, features)
    )
    optimisation = Optimisation(stage, engine, processes)
    part = engine.batch // engine.accumulate
    parts = [
        stage.batches.load(0, range(start, start + part)) for start in range(0, engine.batch, part)
    ]
    optimisation.step(0, parts)
    with FlopCounterMode(display=False) as counter:
        optimisation.step(0, parts)
    seconds = timed(lambda: optimisation.step(0, parts), steps, device)
    rate = counter.get_total_flops() / seconds
    precision = network_dtype(engine, device)
    peak = matrix_rate(device, precision)
    figures: dict[str, object] = {
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "precision": str(precision).removeprefix("torch."),
        "clips": engine.batch,
        "frames": settings.clips.frames,
        "cached_features": settings.cache_features,
        "gradient_checkpointing": settings.gradient_checkpointing,
        "seconds_per_step": round(seconds, 4),
        "samples_per_second": round(engine.batch / seconds, 2),
        "teraflop_per_step": round(counter.get_total_flops() / 1e12, 4),
        "teraflop_per_second": round(rate / 1e12, 3),
        "matrix_teraflop_per_second": round(peak / 1e12, 3),
        "share_of_matrix_rate": round(rate / peak, 3),
    }
    if device.type == "cuda":
        figures["peak_memory_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 1)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, help=f"settings (default: {SMALL.name})")
    parser.add_argument(
        "--released", action="store_true", help="ViT-g and 300M with random weights; needs a GPU"
    )
    parser.add_argument("--steps", type=int, default=5, help="steps to time")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE")
    options = parser.parse_args(arguments)
    if options.released and not torch.cuda.is_available():
        parser.error("--released needs a GPU: a step would take an hour on a CPU")
    config = options.config or (RELEASED if options.released else SMALL)
    settings = read_settings(PostTraining, config, options.set)
    if options.released:
        engine = replace(settings.engine, batch=RELEASED_BATCH, device="cuda")
        settings = replace(settings, engine=engine)
    with join_processes(settings.engine.device) as processes:
        figures = measure(settings, processes, options.steps)
    text = json.dumps(figures, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
