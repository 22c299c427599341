"""What the pixel predictor's training shows of itself."""

from collections.abc import Sequence
from pathlib import Path

import torch
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table
from torch import Tensor

from vjepa2_models.frame_decoder import to_pictures
from vjepa2_models.training.decoding.decoding_report import save_pictures
from vjepa2_models.training.engine.run_folder import History


def save_strip(frames: Tensor, imagined: Tensor, path: Path) -> None:
    """Writes a PNG: frames uint8 [T, S, S, 3] above the imagined ones [T-1, 3, S, S].

    Below the first frame, which was given, it is shown again.
    """
    frames = frames.cpu()
    save_pictures(frames, torch.cat((frames[:1], to_pictures(imagined))), path)


def plot_errors(history: History, horizons: Sequence[int], path: Path) -> None:
    """Writes a PNG: held-out errors by horizon over the steps, beside those of copying."""
    checked = _checked(history)
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    for i, horizon in enumerate(horizons):
        errors = [record[f"rollout_error/{horizon}"] for record in checked]
        axes.plot([r["step"] for r in checked], errors, f"C{i}", label=f"{horizon} frames ahead")
        axes.axhline(checked[-1][f"copy_error/{horizon}"], color=f"C{i}", ls=":")
    axes.set(xlabel="step", ylabel="L1 of RGB in 0 to 1", title="Held out (dotted: copying)")
    axes.legend()
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, dpi=120, format="png")
    partial.replace(path)


def print_errors(history: History, horizons: Sequence[int]) -> None:
    """Prints the last held-out errors as a table."""
    last = _checked(history)[-1]
    table = Table("frames ahead", "rollout", "copying", "ratio")
    for horizon in horizons:
        ours, copied = (last[f"{kind}_error/{horizon}"] for kind in ("rollout", "copy"))
        table.add_row(str(horizon), f"{ours:.4f}", f"{copied:.4f}", f"{ours / copied:.2f}")
    Console().print(table)


def _checked(history: History) -> History:
    return [record for record in history if "rollout_error/1" in record]
