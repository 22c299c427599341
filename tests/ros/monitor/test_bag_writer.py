"""Recordings on real disks: whole, bounded, and where they cannot be, with a code."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from rclpy.serialization import deserialize_message, serialize_message
from rosbags.rosbag2 import Reader
from sensor_msgs.msg import JointState

from vjepa2_monitor.bag_writer import BagWriter, Entry, Standing
from vjepa2_monitor.disk_space import MEGABYTE, Limits
from vjepa2_monitor.record_code import RecordCode

LIMITS = Limits(run=50.0, folder=100.0, free=0.0)
WAIT = 60.0
NOISE = os.urandom(100_000)
"""Which no compression makes smaller."""


def entry(number: int, noise: bytes = b"") -> Entry:
    message = JointState(name=[str(number), noise.hex()])
    return Entry("/joint_states", JointState, 1000 + number, bytes(serialize_message(message)))


@contextmanager
def writer(folder: Path, limits: Limits = LIMITS, queue: float = 50.0) -> Iterator[BagWriter]:
    made = BagWriter(folder, limits, queue * MEGABYTE)
    yield made
    made.close(WAIT)


def until(made: BagWriter, wanted: Callable[[Standing], bool]) -> Standing:
    deadline = time.monotonic() + WAIT
    while not wanted(standing := made.standing()):
        assert time.monotonic() < deadline, standing
        time.sleep(0.01)
    return standing


def numbers(run: Path) -> list[int]:
    """Of the messages in a recording."""
    with Reader(run) as reader:
        messages = [
            deserialize_message(raw, JointState)
            for *_, raw in reader.messages([*reader.connections])
        ]
    return [int(message.name[0]) for message in messages]


def test_each_recording_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """Within the same second, too; what comes between two belongs to none."""
    with writer(tmp_path / "runs") as made:
        for start in (0, 10):
            made.begin({"processor": "a"})
            for number in range(3):
                made.put(entry(start + number))
            made.end()
            made.put(entry(99))
    runs = sorted((tmp_path / "runs").iterdir())
    assert [numbers(run) for run in runs] == [[0, 1, 2], [10, 11, 12]]
    with Reader(runs[0]) as reader:
        assert reader.storage.metadata.custom == {"processor": "a"}


def test_it_is_recording_until_the_run_can_be_read(tmp_path: Path) -> None:
    """Compressing it takes a while after the order to end."""
    with writer(tmp_path) as made:
        made.begin({})
        for number in range(40):
            made.put(entry(number, NOISE))
        until(made, lambda s: s.written > 39 * len(NOISE))
        made.end()
        until(made, lambda s: not s.recording)
        (run,) = tmp_path.iterdir()
        assert numbers(run) == list(range(40))


@pytest.mark.parametrize(
    ("limits", "code", "remedy"),
    [
        (replace(LIMITS, free=1e9), RecordCode.DISK_LOW, "min_free"),
        (replace(LIMITS, folder=0.0), RecordCode.FOLDER_FULL, "folder_limit"),
    ],
)
def test_nothing_begins_where_there_is_no_room(
    tmp_path: Path, limits: Limits, code: RecordCode, remedy: str
) -> None:
    """It is told before the first recording, and the code stays."""
    with writer(tmp_path, limits) as made:
        made.check()
        standing = until(made, lambda s: s.fault is not None)
        made.begin({})
        made.put(entry(1))
    assert standing.fault is not None
    assert standing.fault.code is code
    assert remedy in str(standing.fault)
    assert not list(tmp_path.iterdir())


def test_an_unwritable_folder(tmp_path: Path) -> None:
    """A file stands where the folder should be, which stops root, too."""
    (tmp_path / "file").write_text("")
    with writer(tmp_path / "file" / "runs") as made:
        made.begin({})
        standing = until(made, lambda s: s.fault is not None)
    assert standing.fault is not None
    assert standing.fault.code is RecordCode.FOLDER_UNWRITABLE


def test_a_recording_ends_whole_at_its_limit(tmp_path: Path) -> None:
    """What it holds until then can be read; the next one begins as usual."""
    with writer(tmp_path, replace(LIMITS, run=1.0)) as made:
        made.begin({})
        for number in range(10):
            made.put(entry(number, NOISE))
        standing = until(made, lambda s: s.fault is not None)
        made.begin({})
        until(made, lambda s: s.fault is None and s.recording)
    assert standing.fault is not None
    assert standing.fault.code is RecordCode.RUN_FULL
    first, _ = sorted(tmp_path.iterdir())
    assert numbers(first) == [0, 1, 2, 3]


def test_a_disk_that_becomes_full(tmp_path: Path) -> None:
    """The kernel refuses to let the file grow: told by code, and the writer goes on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with writer(tmp_path) as made:
        made.begin({})
        until(made, lambda s: s.recording)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
        try:
            for number in range(30):
                made.put(entry(number, NOISE))
            standing = until(made, lambda s: s.fault is not None)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert standing.fault is not None
        assert standing.fault.code is RecordCode.DISK_FULL
        made.begin({})
        made.put(entry(7))
        made.end()
        until(made, lambda s: s.fault is None and not s.recording and s.written > 0)
    assert numbers(sorted(tmp_path.iterdir())[-1]) == [7]


def test_a_full_queue_drops_and_counts(tmp_path: Path) -> None:
    """Whoever records never waits; orders are carried out all the same."""
    gate = threading.Event()

    def wait(raw: bytes) -> bytes:
        assert gate.wait(WAIT)
        return raw

    with writer(tmp_path, queue=0.5) as made:
        made.begin({})
        made.put(replace(entry(0), convert=wait))
        for number in range(1, 5):
            made.put(entry(number, NOISE))  # 0.2 MB each, so that two of them fit
        made.end()
        standing = made.standing()
        gate.set()
    assert standing.dropped == 2
    assert standing.fault is not None
    assert standing.fault.code is RecordCode.QUEUE_FULL
    (run,) = tmp_path.iterdir()
    assert numbers(run) == [0, 1, 2]


def test_what_cannot_be_converted_is_left_out(tmp_path: Path) -> None:
    """An image that is none."""

    def refuse(raw: bytes) -> bytes:
        raise ValueError("no picture")

    with writer(tmp_path) as made:
        made.begin({})
        made.put(replace(entry(0), convert=refuse))
        made.put(entry(1))
        made.end()
        standing = until(made, lambda s: s.written > 0 and not s.recording)
    assert standing.unreadable == 1
    (run,) = tmp_path.iterdir()
    assert numbers(run) == [1]
