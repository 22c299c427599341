"""Compute the plans of a recorded run again, and say for each whether it is identical."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from vjepa2_monitor.machine import machine
from vjepa2_monitor.plan_replay import DIFFERENT, IDENTICAL, UNKNOWN, PlanReplay, Verdict
from vjepa2_monitor.run_reader import RunError, read_run

EXAMPLES = """examples:
  vjepa2 replay runs/2026-11-20_10-30-00
  vjepa2 replay runs/2026-11-20_10-30-00 --json replay.json
  vjepa2 replay RUN --model ours.pt          where the checkpoint lies elsewhere now

A plan is identical if its actions, energies and every refinement are so bit for bit, which holds
on the same processor with the same version of torch. Exit status: 0 all are identical, 1 at least
one differs, 2 a fault: the run cannot be read, holds no plan, or lacks what one was made from.
"""
STYLES = {IDENTICAL: "green", DIFFERENT: "red", UNKNOWN: "yellow"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    run = read_run(options.run)
    plans = list(run.plans())
    if not plans:
        raise RunError(f"{options.run} holds no plan: its task ended before the first step")
    replay = PlanReplay(options.model)
    shown = track(plans, "replaying", console=Console(stderr=True), transient=True)
    verdicts = [replay.verdict(plan) for plan in shown]
    changed = changes(run.about)
    if options.json is not None:
        options.json.write_text(json.dumps(_summary(options.run, verdicts, changed), indent=2))
    console = Console(highlight=False)
    console.print(_table(verdicts))
    for line in (_count(verdicts), *changed):
        console.print(line, markup=False, soft_wrap=True)
    return exit_status(verdicts)


def exit_status(verdicts: Sequence[Verdict]) -> int:
    """0 all identical, 1 one differs, 2 none differs but one cannot be told."""
    said = {verdict.verdict for verdict in verdicts}
    return 1 if DIFFERENT in said else 2 if UNKNOWN in said else 0


def changes(about: Mapping[str, str]) -> list[str]:
    """A sentence for each thing in which this machine is not the one that recorded."""
    return [
        f"{name} is {now} here and was {about[name]}"
        for name, now in machine().items()
        if about.get(name, now) != now
    ]


def _count(verdicts: Sequence[Verdict]) -> str:
    identical = sum(verdict.verdict == IDENTICAL for verdict in verdicts)
    return f"{identical} of {len(verdicts)} plans are identical"


def _table(verdicts: Sequence[Verdict]) -> Table:
    table = Table("pursuit", "step", "seed", "energy", "plan", "why")
    for one in verdicts:
        plan = f"[{STYLES[one.verdict]}]{one.verdict}[/]"
        table.add_row(
            str(one.pursuit + 1),
            str(one.index + 1),
            str(one.seed),
            f"{one.energy:.4f}",
            plan,
            one.reason,
        )
    return table


def _summary(run: Path, verdicts: Sequence[Verdict], changed: list[str]) -> dict[str, Any]:
    plans = [
        {**asdict(one), "energy": one.energy if math.isfinite(one.energy) else None}
        for one in verdicts
    ]
    said = [one.verdict for one in verdicts]
    counts = {verdict: said.count(verdict) for verdict in STYLES}
    return {"run": str(run), **counts, "changes": changed, "plans": plans}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vjepa2 replay",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a recording")
    parser.add_argument("--model", default="", help="world model instead of the recorded one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the verdicts there, too")
    return parser
