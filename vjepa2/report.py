"""A run as one web page that needs no network."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from importlib.resources import files
from io import BytesIO
from string import Template

from matplotlib.figure import Figure
from matplotlib.image import imsave

from vjepa2.recording import Recording
from vjepa2_sim.camera import Image
from vjepa2_sim.reach_attempt import SUCCESS_M, Attempt


def report_page(recording: Recording) -> str:
    """The page, with all but the video (`video.mp4` beside it) inside."""
    attempt = recording.attempt
    text = {
        "seed": str(attempt.seed),
        "verdict": "reached" if attempt.success else "not reached",
        "start_cm": _cm(attempt.start_distance_m),
        "final_cm": _cm(attempt.final_distance_m),
        "success_cm": f"{SUCCESS_M * 100:g}",
        "steps": str(len(attempt.planning_seconds)),
        "world_model": recording.world_model,
        "preset": recording.preset,
        "reason": attempt.reason,
    }
    template = Template(files("vjepa2").joinpath("report.html").read_text(encoding="utf-8"))
    return template.substitute(
        {name: escape(value) for name, value in text.items()},
        start_picture=_picture(recording.views[0]),
        goal_picture=_picture(recording.goal),
        final_picture=_picture(recording.views[-1]),
        curves=_curves(attempt),
        rows=_rows(attempt),
    )


def _rows(attempt: Attempt) -> str:
    planned = ("", *(f"{seconds * 1000:.0f} ms" for seconds in attempt.planning_seconds))
    return "\n".join(
        f"<tr><td>{step}</td><td>{energy:.4f}</td><td>{_cm(distance)} cm</td><td>{time}</td></tr>"
        for step, (energy, distance, time) in enumerate(
            zip(attempt.energies, attempt.distances_m, planned, strict=False)
        )
    )


def _curves(attempt: Attempt) -> str:
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    energy, distance = figure.subplots(1, 2)
    energy.plot(attempt.energies, marker="o", color="tab:blue")
    energy.set(xlabel="step", ylabel="energy", title="Energy of the live view")
    distance.plot([100 * d for d in attempt.distances_m], marker="o", color="tab:orange")
    distance.axhline(100 * SUCCESS_M, color="grey", linestyle="--", label="reached")
    distance.set(xlabel="step", ylabel="distance [cm]", title="Distance from the goal")
    distance.set_ylim(bottom=0)
    distance.legend()
    image = BytesIO()
    figure.savefig(image, format="svg")
    return _inline("image/svg+xml", image.getvalue())


def _picture(image: Image) -> str:
    file = BytesIO()
    imsave(file, image, format="png")
    return _inline("image/png", file.getvalue())


def _inline(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


def _cm(distance_m: float) -> str:
    return f"{distance_m * 100:.1f}"
