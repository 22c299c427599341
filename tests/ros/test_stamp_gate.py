"""Which stamps of another node's pictures pass."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vjepa2_camera.stamp_gate import AHEAD, StampGate

SECONDS = st.floats(0, 100)


@given(st.lists(SECONDS))
def test_what_passes_rises_and_is_not_of_the_future(stamps):
    """Whatever comes, on a clock that does not go back."""
    gate, now, passed = StampGate(), 0.0, []
    for index, stamp in enumerate(stamps):
        now = float(index)
        if not gate.refusal(stamp, now):
            assert stamp <= now + AHEAD
            passed.append(stamp)
    assert all(a < b for a, b in pairwise(passed))


@given(st.lists(st.floats(0.001, 1.0), min_size=1), SECONDS)
def test_a_camera_in_order_loses_nothing(gaps, start):
    """Rising stamps pass, at whatever pace."""
    gate, stamp = StampGate(), start
    for gap in gaps:
        stamp += gap
        assert gate.refusal(stamp, stamp + 0.01) == ""


def test_each_reason_has_its_word():
    """A refused stamp changes nothing for the next."""
    gate = StampGate()
    assert gate.refusal(10.0, 10.0) == ""
    assert gate.refusal(10.0, 10.1) == "repeated stamp"
    assert gate.refusal(9.0, 10.2) == "backward stamp"
    assert gate.refusal(11.0, 10.3) == "future stamp"
    assert gate.refusal(10.31, 10.3) == ""


def test_a_clock_that_is_set_back_begins_anew():
    """Else nothing would pass until it has caught up."""
    gate = StampGate()
    assert gate.refusal(100.0, 100.0) == ""
    assert gate.refusal(5.0, 5.0) == ""
    assert gate.refusal(4.0, 5.1) == "backward stamp"
