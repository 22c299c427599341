"""Loss, feature spread and rank correlations of a pre-training: a plot and a table."""

from pathlib import Path

from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from vjepa2_models.training.engine.run_folder import History

COLUMNS = ("step", "loss", "held_out_denoising", "held_out_spread", "near", "far")


def plot_history(history: History, path: Path, least_spread: float) -> None:
    """Curves over the steps, as a PNG; the spread's threshold is a dashed line."""
    figure = Figure(figsize=(8, 8), layout="constrained")
    loss, spread, ranks = figure.subplots(3, 1, sharex=True)
    for name, axes in (
        ("denoising", loss),
        ("held_out_denoising", loss),
        ("spread", spread),
        ("held_out_spread", spread),
        ("near", ranks),
        ("far", ranks),
    ):
        records = [record for record in history if name in record]
        if records:
            steps = [record["step"] for record in records]
            axes.plot(steps, [r[name] for r in records], label=name.replace("_", " "))
            axes.legend()
    loss.set_ylabel("mask-denoising loss (L1)")
    spread.axhline(least_spread, linestyle="dashed", color="grey")
    spread.set_ylabel("feature spread over clips")
    ranks.set_ylabel("rank correlation of energy\nwith distance, under / over 10 cm")
    ranks.set_xlabel("step")
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, format="png", dpi=120)
    partial.replace(path)


def print_history(history: History) -> None:
    """One row for each validation."""
    validated = [record for record in history if "held_out_spread" in record]
    names = [name for name in COLUMNS if any(name in record for record in validated)]
    table = Table(*(name.replace("_", " ") for name in names))
    for record in validated:
        cells = (f"{record[n]:.0f}" if n == "step" else f"{record[n]:.3f}" for n in names)
        table.add_row(*cells)
    Console(stderr=True).print(table)
