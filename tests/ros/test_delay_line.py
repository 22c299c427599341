"""Things handed on at their time."""

from __future__ import annotations

import queue
import threading
import time

from tests.ros.conftest import WAIT
from vjepa2_simulation.delay_line import DelayLine


def test_each_is_handed_on_at_its_time_and_in_order():
    """Never before it is due, and never before one that was put in earlier."""
    arrived: queue.SimpleQueue = queue.SimpleQueue()
    line = DelayLine(lambda item: arrived.put((item, time.monotonic())))
    now = time.monotonic()
    dues = [now + 0.2, now + 0.3, now - 1.0]
    for item, due in enumerate(dues):
        line.put(item, due)
    results = [arrived.get(timeout=WAIT) for _ in dues]
    line.close()
    assert [item for item, _ in results] == [0, 1, 2]
    assert all(moment >= due for (_, moment), due in zip(results, dues, strict=True))
    assert results[2][1] >= dues[1]


def test_what_is_due_is_handed_on_at_once():
    """It does not wait for anything else to be put in."""
    arrived = threading.Event()
    line = DelayLine(lambda item: arrived.set())
    line.put("now", 0.0)
    assert arrived.wait(WAIT)
    line.close()


def test_nothing_comes_out_of_a_closed_one():
    """What was waiting is dropped, what is put in later too; closing twice is fine."""
    arrived: list[str] = []
    line = DelayLine(arrived.append)
    line.put("waiting", time.monotonic() + 3600.0)
    line.close()
    line.put("late", 0.0)
    line.close()
    assert arrived == []
