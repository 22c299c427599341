"""What the frame decoder's training shows of itself."""

from pathlib import Path

import torch
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from vjepa2_models.training.engine.run_folder import History


def plot_history(history: History, path: Path) -> None:
    """Writes a PNG: the pixel error over the steps, in training and on held-out episodes."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    for name, label in (("pixel_error", "training"), ("held_out_pixel_error", "held out")):
        records = [record for record in history if name in record]
        axes.plot([r["step"] for r in records], [r[name] for r in records], label=label)
    axes.set(xlabel="step", ylabel="mean squared error of RGB in 0 to 1", yscale="log")
    axes.legend()
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, dpi=120, format="png")
    partial.replace(path)


def save_pictures(real: Tensor, decoded: Tensor, path: Path) -> None:
    """Writes a PNG: pictures uint8 [B, S, S, 3] side by side, above their reconstructions."""
    rows = [torch.cat(list(pictures), dim=1) for pictures in (real, decoded)]
    partial = path.with_name(path.name + ".partial")
    Image.fromarray(torch.cat(rows).numpy()).save(partial, format="PNG")
    partial.replace(path)
