"""Telling a lost node from a slow one."""

from __future__ import annotations

from vjepa2_world_model.heartbeat import Heartbeat


def test_a_node_that_beats_is_there() -> None:
    """No fault while the last beat is young enough."""
    heartbeat = Heartbeat(timeout=60.0)
    fault = heartbeat.watch()
    heartbeat.beat(7)
    assert fault() == ""


def test_time_counts_from_the_beginning_of_the_wait() -> None:
    """Old silence is no fault yet; silence during the wait is."""
    patient, hasty = Heartbeat(timeout=60.0), Heartbeat(timeout=0.0)
    assert patient.watch()() == ""
    fault = hasty.watch()
    assert "no sign of life for 0 s" in fault()


def test_a_restart_is_a_fault() -> None:
    """Another session than at the beginning will never answer."""
    heartbeat = Heartbeat(timeout=60.0)
    heartbeat.beat(7)
    fault = heartbeat.watch()
    heartbeat.beat(7)
    assert fault() == ""
    heartbeat.beat(8)
    assert "started anew" in fault()
    assert heartbeat.watch()() == ""


def test_the_first_session_is_no_restart() -> None:
    """A wait that begins before the first beat goes on."""
    heartbeat = Heartbeat(timeout=60.0)
    fault = heartbeat.watch()
    heartbeat.beat(7)
    assert fault() == ""
