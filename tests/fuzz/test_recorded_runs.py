"""Recordings that `vjepa2 replay` is given."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from rcl_interfaces.msg import ParameterEvent
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CompressedImage

from tests.fuzz import readers
from tests.fuzz.cases import sizes
from tests.fuzz.child import Child
from tests.fuzz.messages import messages
from tests.fuzz.page import Page
from tests.fuzz.values import EXECUTED, spoilt_bytes, spoilt_text
from vjepa2_monitor.compression import compressed
from vjepa2_monitor.disk_space import Limits
from vjepa2_monitor.recorded_topics import GOALS, LATENTS, PARAMETER_EVENTS, VIEWS
from vjepa2_monitor.run_bag import RunBag
from vjepa2_msgs.msg import (
    CalibrationReport,
    EndEffectorState,
    Goal,
    LatentId,
    PursuitStep,
    WorldModelStatus,
)
from vjepa2_node import names
from vjepa2_node.images import to_message

LIMITS = Limits(run=100.0, folder=1e6, free=0.0)
PARTS = (
    (f"/{names.PLANNER_STEPS}", PursuitStep),
    (f"/{names.WORLD_MODEL_STATUS}", WorldModelStatus),
    (f"/{names.END_EFFECTOR_STATE}", EndEffectorState),
    (f"/{names.CALIBRATION}", CalibrationReport),
    (f"/{GOALS}", Goal),
    (f"/{LATENTS}", LatentId),
    (f"/{VIEWS}", CompressedImage),
    (PARAMETER_EVENTS, ParameterEvent),
)
Part = tuple[str, type[Any], bytes]


def record(folder: Path, parts: list[Part]) -> Path:
    """A recording of messages as CDR."""
    bag = RunBag(folder, LIMITS, {"torch": "2"})
    for stamp, (topic, kind, raw) in enumerate(parts, 10**9):
        bag.write(topic, kind, stamp, raw)
    bag.close()
    return bag.path


def good_parts() -> list[Part]:
    """One of each, at the stamp 1 s."""
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    parts: list[Part] = []
    for topic, kind in PARTS:
        message = kind()
        if hasattr(message, "header"):
            message.header.stamp.sec = 1
        raw = bytes(serialize_message(message))
        if kind is CompressedImage:
            raw = compressed(bytes(serialize_message(to_message(picture, 1.0, "camera"))), "png")
        parts.append((topic, kind, raw))
    return parts


@st.composite
def spoilt_parts(draw: Any) -> list[Part]:
    """A recording's messages, some with odd content, some of odd bytes."""
    parts = good_parts()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(parts) - 1))
        topic, kind, raw = parts[at]
        if draw(st.booleans()):
            raw = bytes(serialize_message(draw(messages(kind))))
        else:
            raw = draw(spoilt_bytes(raw, start=60))
        parts[at] = (topic, kind, raw)
    return parts


@sizes(400, 16)
def test_recorded_messages(cases: int, page: Page, child: Child, tmp_path: Path) -> None:
    """A line and a status, whatever the messages hold."""
    folder = tmp_path / "runs"

    def examine(parts: list[Part]) -> str:
        path = record(folder, parts)
        try:
            return child.call(readers.recorded_run, path)
        finally:
            shutil.rmtree(path)

    tally = page.tally("recorded runs: messages")
    tally.draw(spoilt_parts(), cases, examine)
    tally.check()


@sizes(400, 16)
def test_recorded_files(cases: int, page: Page, child: Child, tmp_path: Path) -> None:
    """A line and a status, whatever bytes the files hold."""
    path = record(tmp_path, good_parts())
    (mcap,) = path.glob("*.mcap*")
    metadata = path / "metadata.yaml"
    good_mcap, good_metadata = mcap.read_bytes(), metadata.read_text()

    def examine(case: tuple[bytes, bytes]) -> str:
        mcap.write_bytes(case[0])
        metadata.write_bytes(case[1])
        return child.call(readers.recorded_run, path)

    one = st.tuples(spoilt_bytes(good_mcap), st.just(good_metadata.encode()))
    other = st.tuples(st.just(good_mcap), spoilt_text(good_metadata))
    tally = page.tally("recorded runs: files")
    tally.draw(one | other, cases, examine)
    tally.check()
    assert not Path(EXECUTED).exists()
