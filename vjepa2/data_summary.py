"""What is in a data set, and what is not and why, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable

from rich.console import Console
from rich.table import Table

from vjepa2_data import Index, Skipped

EXAMPLES_PER_REASON = 2
ODD_RATE = 0.2
"""Difference of two frame rates, as a share, that is no mere jitter."""


def show_index(index: Index, console: Console) -> None:
    """Print episodes, hours, frames, rates, cameras and successes, then the skipped ones."""
    episodes = index.episodes
    outcomes = Counter(episode.success for episode in episodes)
    table = Table(show_header=False, title=str(index.root))
    table.add_row("episodes", str(len(episodes)))
    table.add_row("hours", f"{sum(episode.seconds for episode in episodes) / 3600:.2f}")
    table.add_row("frames", str(sum(episode.frames for episode in episodes)))
    table.add_row("frames per second", _tally(f"{episode.fps:g}" for episode in episodes))
    table.add_row("camera", _tally(episode.camera for episode in episodes))
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


def _warn_of_odd_rates(index: Index, console: Console) -> None:
    odd = [
        episode
        for episode in index.episodes
        if episode.captured_fps and abs(episode.captured_fps / episode.fps - 1) > ODD_RATE
    ]
    if odd:
        console.print(
            f"{len(odd)} videos say {odd[0].fps:g} frames per second, but were taken at "
            f"{odd[0].captured_fps:.1f} by their time stamps. As in the official training, clips "
            "follow the videos, and so span more time than they seem to; for the true rate of "
            "DROID build the index with --fps 15.",
            style="yellow",
            highlight=False,
        )


def _tally(values: Iterable[Hashable]) -> str:
    """The values that occur, the commonest first, with their numbers if there are several."""
    counts = Counter(values).most_common()
    if len(counts) == 1:
        return str(counts[0][0])
    return ", ".join(f"{value} ({count})" for value, count in counts) or "none"
