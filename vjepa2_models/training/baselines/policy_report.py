"""What the policy's training shows of itself."""

from pathlib import Path

from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from vjepa2_models.training.engine.run_folder import History


def plot_history(history: History, path: Path) -> None:
    """Writes a PNG: the held-out error over the steps, beside that of standing still."""
    checked = _checked(history)
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    steps = [record["step"] for record in checked]
    axes.plot(steps, [record["held_out_error_cm"] for record in checked], label="policy")
    axes.axhline(checked[-1]["still_error_cm"], color="grey", ls=":", label="standing still")
    axes.set(xlabel="step", ylabel="distance from the target [cm]", title="Held out")
    axes.legend()
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, dpi=120, format="png")
    partial.replace(path)


def print_errors(history: History) -> None:
    """Prints the last held-out figures."""
    last = _checked(history)[-1]
    table = Table("error", "standing still", "direction (cosine)")
    table.add_row(
        f"{last['held_out_error_cm']:.2f} cm",
        f"{last['still_error_cm']:.2f} cm",
        f"{last['held_out_direction']:.2f}",
    )
    Console().print(table)


def _checked(history: History) -> History:
    return [record for record in history if "held_out_error_cm" in record]
