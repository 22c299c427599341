"""Findings as people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from vjepa2.doctor.finding import Finding, State

STYLES = {State.OK: "green", State.WARNING: "yellow", State.MISSING: "bold red"}


def show(findings: Sequence[Finding], not_looked_at: Sequence[str], console: Console) -> None:
    """A table, and a sentence on what it amounts to."""
    table = Table("check", "state")
    for title in ("found", "remedy"):
        table.add_column(title, overflow="fold")  # a path that was cut would be no help
    for finding in findings:
        style = STYLES[finding.state]
        state = f"[{style}]{finding.state}[/]"
        table.add_row(finding.name, state, escape(finding.found), escape(finding.remedy))
    console.print(table)
    if not_looked_at:
        options = ", ".join(f"{name} (--{name})" for name in not_looked_at)
        console.print(f"not looked at: {options}", soft_wrap=True)
    count = Counter(finding.state for finding in findings)
    if count[State.MISSING]:
        console.print(f"[{STYLES[State.MISSING]}]{count[State.MISSING]} missing[/]")
    else:
        console.print(f"nothing necessary is missing; {count[State.WARNING]} warnings")
