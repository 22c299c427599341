"""Bad input, drawn from a fixed seed, and what came of it."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

SEED = 20261126
ACCEPTED = ""
"""What `examine` says of a case that is taken, and does no harm."""
LONGEST_SHOWN = 2000


def sizes(full: int, part: int = 24) -> pytest.MarkDecorator:
    """The number of cases of a test: a few in the normal suite, all in `make fuzz`."""
    return pytest.mark.parametrize("cases", [part, pytest.param(full, marks=pytest.mark.long)])


@dataclass
class Tally:
    """What came of the cases of one surface.

    refused: how often with which code or error. crashes: case and traceback of each.
    moved: how far the arm went [m]; None where there is none.
    """

    surface: str
    cases: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    moved: float | None = None

    def take(self, case: Any, examine: Callable[[Any], str]) -> None:
        """Examine a case: it gives the code that it was refused with, or ACCEPTED."""
        self.cases += 1
        try:
            code = examine(case)
        except Exception:
            told = traceback.format_exc()[-LONGEST_SHOWN:]
            self.crashes.append(f"{repr(case)[:LONGEST_SHOWN]}\n{told}")
            return
        if code == ACCEPTED:
            self.accepted += 1
        else:
            self.refused[code] += 1

    def draw(
        self, strategy: SearchStrategy[Any], count: int, examine: Callable[[Any], str]
    ) -> None:
        """Examine `count` cases, always the same ones."""

        @seed(SEED)
        @settings(
            max_examples=count,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def one(case: Any) -> None:
            self.take(case, examine)

        one()

    def check(self) -> None:
        """Assert that nothing crashed, and that it was bad input indeed."""
        assert not self.crashes, f"{len(self.crashes)} crashes, first:\n{self.crashes[0]}"
        assert self.refused.total() > self.cases / 2, f"accepted {self.accepted} of {self.cases}"
        assert not self.moved or self.moved < STILL, f"the arm moved by {self.moved} m"


STILL = 0.001
"""An arm at rest trembles by less [m]."""
