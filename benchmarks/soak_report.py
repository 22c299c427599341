"""The soak's figures as a page and a plot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

MAX_GROWTH = 0.01
"""Of resident memory after the warm-up."""
MAX_PACE = 2.0
"""The 99th percentile of step periods, in medians."""


def as_markdown(figures: dict[str, Any]) -> str:
    """The page."""
    pace, growth = figures["step_seconds"], figures["memory_growth"]
    resident = figures["memory"]["resident"]
    kinds = ", ".join(sorted(set(figures["kinds"])))
    rows = [
        f"| {name} | {samples[-1] / 2**20:.0f} MiB | {growth[name]:+.2%} |"
        for name, samples in resident.items()
    ]
    total = sum(samples[-1] for samples in resident.values())
    return "\n".join(
        [
            "# Soak",
            "",
            f"{figures['minutes']:g} minutes of tasks one after another ({kinds}), "
            "simulated arm through franky, bundled model, each node a process of its own, every "
            f"task recorded. {figures['date']}, {figures['machine']}. Command: `make soak`.",
            "",
            "| what | measured | limit |",
            "|---|---|---|",
            f"| resident memory of all processes, after the first "
            f"{figures['warm_up_seconds'] / 60:g} minutes | {growth['all']:+.2%} | "
            f"under {MAX_GROWTH:.0%} |",
            f"| step period, 99th percentile against median | {pace['p99']:.2f} s, "
            f"{pace['median']:.2f} s: {pace['p99'] / pace['median']:.2f} times | "
            f"under {MAX_PACE:g} times |",
            f"| faults in {figures['tasks']} tasks, {figures['steps']} steps | "
            f"{len(figures['faults'])} | none |",
            "",
            *[f"- {fault}" for fault in figures["faults"]],
            "",
            "![memory and step periods](soak.png)",
            "",
            "| process | resident at the end | growth |",
            "|---|---|---|",
            *rows,
            f"| all | {total / 2**20:.0f} MiB | {growth['all']:+.2%} |",
            "",
            "Growth is the median of the last tenth of the samples that count against the median "
            "of their first tenth. Pages that processes share are counted in each.",
            "",
        ]
    )


def plot(figures: dict[str, Any], path: Path) -> None:
    """Memory of each process above, every step's period below."""
    figure = Figure(figsize=(9, 6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    minutes = np.array(figures["memory"]["seconds"]) / 60
    for name, resident in figures["memory"]["resident"].items():
        above.plot(minutes, np.array(resident) / 2**20, label=name)
    above.axvline(figures["warm_up_seconds"] / 60, color="grey", linestyle=":")
    above.set(ylabel="resident memory [MiB]", ylim=(0, None))
    above.legend(fontsize="small", ncols=3)
    for task in figures["played"]:
        ends = task["began"] + np.cumsum(task["periods"])
        below.plot(ends / 60, task["periods"], ".", color="tab:blue", markersize=3)
    below.axhline(figures["step_seconds"]["median"], color="grey")
    below.set(xlabel="minutes", ylabel="step period [s]", ylim=(0, None))
    figure.savefig(path, dpi=120)
