"""A run as one web page that needs no network."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from string import Template

from matplotlib.figure import Figure
from matplotlib.image import imsave

from vjepa2.recording import Recording, ShownStep
from vjepa2_sim.camera import Image


def report_page(recording: Recording) -> str:
    """The page, with all but the video (`video.mp4` beside it) inside."""
    text = {
        "task": recording.task,
        "seed": str(recording.seed),
        "verdict": recording.verdict,
        "steps": str(len(recording.steps)),
        "world_model": recording.world_model,
        "preset": recording.preset,
        "reason": recording.reason,
    }
    template = Template(files("vjepa2").joinpath("report.html").read_text(encoding="utf-8"))
    return template.substitute(
        {name: escape(value) for name, value in text.items()},
        start_picture=_picture(recording.views[0]),
        goal_picture=_picture(recording.goals[-1]),
        final_picture=_picture(recording.views[-1]),
        curves=_curves(recording.steps),
        rows=_rows(recording.steps),
    )


def _rows(steps: Sequence[ShownStep]) -> str:
    return "\n".join(
        f"<tr><td>{number}</td><td>{escape(step.goal)}</td><td>{step.energy:.4f}</td>"
        f"<td>{100 * step.distance_m:.1f} cm</td>"
        f"<td>{1000 * step.planning_seconds:.0f} ms</td></tr>"
        for number, step in enumerate(steps, 1)
    )


def _curves(steps: Sequence[ShownStep]) -> str:
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    energy, distance = figure.subplots(1, 2)
    numbers = range(1, len(steps) + 1)
    energy.plot(numbers, [s.energy for s in steps], marker="o", color="tab:blue")
    energy.set(xlabel="step", ylabel="energy", title="Energy of the view before the step")
    distances = [100 * s.distance_m for s in steps]
    distance.plot(numbers, distances, marker="o", color="tab:orange")
    distance.set(xlabel="step", ylabel="distance [cm]", title="Distance from the goal after it")
    distance.set_ylim(bottom=0)
    for axes in (energy, distance):
        for number, (before, after) in enumerate(pairwise(steps), 1):
            if before.goal != after.goal:
                axes.axvline(number + 0.5, color="grey", linestyle=":")
    image = BytesIO()
    figure.savefig(image, format="svg")
    return _inline("image/svg+xml", image.getvalue())


def _picture(image: Image) -> str:
    file = BytesIO()
    imsave(file, image, format="png")
    return _inline("image/png", file.getvalue())


def _inline(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"
