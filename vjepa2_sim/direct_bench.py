"""A test bench without robot protocol and dynamics: some ten times as fast, for many trials."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_sim.bench import LIMITS, Bench
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.direct_table import DirectTable


@contextmanager
def open_direct_bench() -> Iterator[Bench]:
    """A bench whose arm is moved by setting its joints; see `DirectDriver`."""
    driver = DirectDriver()
    with closing(DirectTable(driver)) as table:
        yield Bench(table, LimitedArm(driver, LIMITS), DirectDriver())
