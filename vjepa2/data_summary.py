"""What is in a data set, and what is not and why, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from vjepa2_data import Index, Skipped, stride
from vjepa2_data.index_builder import CLIP_FPS

if TYPE_CHECKING:
    from vjepa2_data.rosbag_conversion import Conversion

EXAMPLES_PER_REASON = 2
ODD_RATE = 0.2
"""Difference of two frame rates, as a share, that is no mere jitter."""


def show_index(index: Index, console: Console) -> None:
    """Print episodes, hours, frames, rates, cameras and successes, then the skipped ones."""
    episodes = index.episodes
    outcomes = Counter(episode.success for episode in episodes)
    table = Table(show_header=False, title=escape(str(index.root)))
    table.add_row("episodes", str(len(episodes)))
    table.add_row("hours", f"{sum(episode.seconds for episode in episodes) / 3600:.2f}")
    table.add_row("frames", str(sum(episode.frames for episode in episodes)))
    table.add_row("frames per second", _tally(f"{episode.fps:g}" for episode in episodes))
    table.add_row("camera", escape(_tally(episode.camera for episode in episodes)))
    table.add_row("camera's pose known", str(sum(episode.extrinsics for episode in episodes)))
    table.add_row(
        "successful", f"{outcomes[True]} ({outcomes[False]} not, {outcomes[None]} unknown)"
    )
    table.add_row("skipped", str(len(index.skipped)))
    console.print(table)
    for reason, skipped in index.reasons().items():
        show_skipped(reason, skipped, console)
    _warn_of_odd_rates(index, console)


def show_skipped(reason: str, skipped: list[Skipped], console: Console) -> None:
    """Print how many were skipped for a reason, and the first of them."""
    console.print(f"skipped {len(skipped)}: {reason}", markup=False, style="yellow")
    for one in skipped[:EXAMPLES_PER_REASON]:
        console.print(f"  {one.path}: {one.detail}", markup=False, highlight=False, soft_wrap=True)


def show_conversion(bag: str, conversion: Conversion, console: Console) -> None:
    """Print what became of a bag: episodes, skipped stretches, dropped messages."""
    made = f"{len(conversion.episodes)} episodes of {conversion.fps:.3g} fps"
    console.print(f"{bag}: {made}", markup=False, highlight=False, soft_wrap=True)
    for one in conversion.skipped:
        show_skipped(one.reason, [one], console)
    for message, count in conversion.dropped.items():
        console.print(f"dropped {count}: {message}", style="yellow", markup=False)


def _warn_of_odd_rates(index: Index, console: Console) -> None:
    odd = [
        episode
        for episode in index.episodes
        if episode.captured_fps and abs(episode.captured_fps / episode.fps - 1) > ODD_RATE
    ]
    if odd:
        fps, captured = odd[0].fps, odd[0].captured_fps or odd[0].fps
        apart = stride(fps, CLIP_FPS) / captured
        console.print(
            f"{len(odd)} videos say {fps:g} frames per second, but were taken at {captured:.3g} "
            f"by their time stamps: frames of a clip at {CLIP_FPS:g} fps will be {apart:.2f} s "
            f"apart and not {1 / CLIP_FPS:g} s. That is how the official loader takes DROID, "
            "whose headers say 60 for 15; for the true rate build the index with --fps "
            f"{round(captured) or captured:g}.",
            style="yellow",
            highlight=False,
        )


def _tally(values: Iterable[Hashable]) -> str:
    """The values that occur, the commonest first, with their numbers if there are several."""
    counts = Counter(values).most_common()
    if len(counts) == 1:
        return str(counts[0][0])
    return ", ".join(f"{value} ({count})" for value, count in counts) or "none"
