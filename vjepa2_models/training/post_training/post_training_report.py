"""Plots and table of a finished stage 2."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from vjepa2_models.training.engine.run_folder import History

LOSSES = ("teacher_forcing", "rollout")


def write_report(folder: Path, history: History, horizons: Sequence[int]) -> None:
    """`losses.png` and `rollout_error.png` into the folder, and the last errors as a table."""
    checked = [record for record in history if "rollout_error/1" in record]
    losses = Figure(figsize=(6, 4), layout="constrained")
    axes = losses.subplots()
    for name in LOSSES:
        axes.plot([r["step"] for r in history], [r[name] for r in history], label=name)
    axes.set(xlabel="step", ylabel="L1 of features", yscale="log", title="Losses")
    axes.legend()

    errors = Figure(figsize=(6, 4), layout="constrained")
    axes = errors.subplots()
    steps = [record["step"] for record in checked]
    for i, horizon in enumerate(horizons):
        colour, label = f"C{i}", f"{horizon} frames ahead"
        axes.plot(steps, [r[f"rollout_error/{horizon}"] for r in checked], colour, label=label)
        axes.axhline(checked[-1][f"copy_error/{horizon}"], color=colour, ls=":")
    axes.set(xlabel="step", ylabel="L1 of features", title="Held-out rollouts (dotted: copying)")
    axes.legend()
    for figure, name in ((losses, "losses"), (errors, "rollout_error")):
        partial = folder / f"{name}.partial"
        figure.savefig(partial, format="png", dpi=120)
        partial.replace(folder / f"{name}.png")

    table = Table("frames ahead", "rollout", "copying", "ratio")
    for horizon in horizons:
        ours, copied = (checked[-1][f"{kind}_error/{horizon}"] for kind in ("rollout", "copy"))
        table.add_row(str(horizon), f"{ours:.4f}", f"{copied:.4f}", f"{ours / copied:.2f}")
    Console().print(table)
