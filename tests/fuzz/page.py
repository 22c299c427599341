"""The tallies of all surfaces as a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.cases import SEED, Tally

HEAD = f"""# Bad input

`make fuzz` draws malformed requests, messages and files from a fixed seed ({SEED}), gives them to
the real nodes and readers, and writes this page. "Taken" means taken without harm: the input was
odd, but allowed. A crash is an exception other than the documented error, a traceback in a
command's or a node's output, a code that stands for an error nobody foresaw, a process that ended
or used more than 256 MB for a small file, code run from a file, or no answer in time. The arm
"moved" by the greatest distance of its end effector from where it stood; 1 mm is tremble.

| surface | cases | taken | refused with | crashes | moved |
|---|---:|---:|---|---:|---:|
"""


@dataclass
class Page:
    """Tallies in the order in which they were begun."""

    tallies: list[Tally] = field(default_factory=list)

    def tally(self, surface: str) -> Tally:
        """A new one."""
        self.tallies.append(Tally(surface))
        return self.tallies[-1]

    def write(self, path: Path) -> None:
        """All of them, and their sum."""
        rows = [_row(tally) for tally in self.tallies]
        cases, taken = (
            sum(getattr(t, name) for t in self.tallies) for name in ("cases", "accepted")
        )
        refused = sum(tally.refused.total() for tally in self.tallies)
        crashes = sum(len(tally.crashes) for tally in self.tallies)
        rows.append(f"| all | {cases} | {taken} | {refused} in all | {crashes} | |")
        path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def _row(tally: Tally) -> str:
    codes = ", ".join(f"{code} {count}" for code, count in sorted(tally.refused.items()))
    moved = "" if tally.moved is None else f"{1000 * tally.moved:.2f} mm"
    cells = (tally.surface, tally.cases, tally.accepted, codes, len(tally.crashes), moved)
    return f"| {' | '.join(map(str, cells))} |"
