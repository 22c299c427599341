"""Where the arm was at a given time: the last measured states, interpolated."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import deque

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.transform import Rotation, Slerp

from vjepa2_robot.arm_driver import Vector
from vjepa2_robot.poses import compose, rotation


class StateHistoryError(LookupError):
    """The state at a stamp is not known; the message says which stamps are."""


class StateHistory:
    """The last states of an arm, by stamp. Stamps are seconds of any one clock. Thread-safe."""

    def __init__(self, length: int = 500, slack: float = 0.0) -> None:
        """Keep `length` samples.

        slack: a stamp that lies up to so many seconds outside the history gets the state at that
            end of it.
        """
        if length < 1:
            raise ValueError(f"length of a state history must be positive, got {length}")
        if not slack >= 0.0:
            raise ValueError(f"slack of a state history must not be negative, got {slack}")
        self._samples: deque[tuple[float, Vector]] = deque(maxlen=length)
        self._slack = slack
        self._lock = threading.Lock()

    def add(self, stamp: float, state: ArrayLike) -> None:
        """Keep a state [7]; ValueError for another shape or what is not finite.

        A stamp before the newest one means that the clock was set back: the history starts anew.
        """
        sample = np.array(state, dtype=np.float64)
        if sample.shape != (7,) or not (np.isfinite(sample).all() and np.isfinite(stamp)):
            raise ValueError(f"state of 7 finite numbers needed, got {sample} at {stamp} s")
        with self._lock:
            if self._samples and stamp <= self._samples[-1][0]:
                if stamp == self._samples[-1][0]:
                    self._samples.pop()
                else:
                    self._samples.clear()
            self._samples.append((stamp, sample))

    @property
    def newest(self) -> tuple[float, Vector]:
        """Stamp [s] and state [7] of the last sample; StateHistoryError when there is none."""
        with self._lock:
            if not self._samples:
                raise StateHistoryError(_EMPTY)
            stamp, state = self._samples[-1]
        return stamp, state.copy()

    def at(self, stamp: float) -> Vector:
        """State [7] at a stamp [s], or StateHistoryError when it lies outside the history.

        Position and closedness are linear between two samples; the orientation turns the shorter
        way at a constant rate.
        """
        with self._lock:
            samples = list(self._samples)
        if not samples:
            raise StateHistoryError(_EMPTY)
        first, last = samples[0][0], samples[-1][0]
        if not first - self._slack <= stamp <= last + self._slack:
            where = "after the newest" if stamp > last else "before the oldest"
            distance = stamp - last if stamp > last else first - stamp
            raise StateHistoryError(
                f"the state at {stamp:.3f} s is not known: that is {distance:.3g} s {where} of "
                f"{len(samples)} states, {first:.3f} to {last:.3f} s"
            )
        later = bisect_left(samples, stamp, key=lambda sample: sample[0])
        if later == len(samples):
            return samples[-1][1].copy()
        if later == 0 or samples[later][0] == stamp:
            return samples[later][1].copy()
        return _between(samples[later - 1], samples[later], stamp)


_EMPTY = "no state of the arm has arrived yet; is its bridge up and active?"


def _between(before: tuple[float, Vector], after: tuple[float, Vector], stamp: float) -> Vector:
    part = (stamp - before[0]) / (after[0] - before[0])
    state: Vector = (1.0 - part) * before[1] + part * after[1]
    ends = Rotation.concatenate([rotation(before[1]), rotation(after[1])])
    return compose(state[:3], Slerp([0.0, 1.0], ends)(part), float(state[6]))
