"""The planners' figures as a page and a plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure


def write_report(figures: Mapping[str, Any], folder: Path, stem: str) -> None:
    """Writes `<stem>.md` and `<stem>.png`."""
    plot_curves(figures["open_loop"], folder / f"{stem}.png")
    lines = [
        "# Planners side by side",
        "",
        f"{figures['date']}, {figures['machine']['device']}, {figures['machine']['threads']} CPU "
        f"threads; world model: {figures['model']}.",
        "",
        f"Command: `{figures['command']}`. Matrix products of this machine: {rates(figures)}.",
        "Versions: " + ", ".join(f"{k} {v}" for k, v in figures["machine"]["versions"].items()),
        "",
        "## Plans",
        "",
        *open_loop_table(figures["open_loop"]),
        "",
        "Medians over the problems. An evaluation is one imagined candidate; one with its",
        "gradient counts as three. Ratios are within this run.",
        "",
        f"![best energy so far against evaluations]({stem}.png)",
    ]
    if "closed_loop" in figures:
        lines += ["", "## Reach trials", "", f"On {figures['arm']}; the same seeds for all.", ""]
        lines += closed_loop_table(figures["closed_loop"])
    (folder / f"{stem}.md").write_text("\n".join(lines) + "\n")


def rates(figures: Mapping[str, Any]) -> str:
    """The matrix rates in words."""
    measured = figures["machine"]["matrix_teraflop_per_second"]
    return ", ".join(f"{rate} Tflop/s in {precision}" for precision, rate in measured.items())


def open_loop_table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Markdown."""
    lines = [
        "| planner | horizon | evaluations | of paper's | seconds | 95 % | of paper's | energy |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ratios = [
            f"1/{1 / row[key]:.1f}" if key in row else ""
            for key in ("evaluations_of_paper", "seconds_of_paper")
        ]
        lines.append(
            f"| {row['preset']} | {row['horizon']} | {row['evaluations']:.0f} | {ratios[0]} | "
            f"{row['seconds_median']:.3f} | {row['seconds_p95']:.3f} | {ratios[1]} | "
            f"{row['energy_median']:.4f} |"
        )
    return lines


def closed_loop_table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Markdown."""
    lines = [
        "| planner | world model | reached | 95 % interval | final distance | planning |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        low, high = row["interval_95"]
        lines.append(
            f"| {row['planner']} | {row['world_model']} | {row['success_rate']:.0%} of "
            f"{row['trials']} | {low:.0%} to {high:.0%} | "
            f"{100 * row['final_distance_m_median']:.1f} cm | "
            f"{row['planning_seconds_median']:.2f} s |"
        )
    return lines


def plot_curves(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Best energy so far against evaluations, a line a planner."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for row in rows:
        spent, energy = zip(*row["curve"], strict=True)
        axes.plot(spent, energy, marker=".", label=row["preset"])
    axes.set(xscale="log", xlabel="predictor evaluations", ylabel="best energy so far (median)")
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
