"""Records each task into a folder of its own, and disturbs nobody."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rcl_interfaces.msg import ParameterEvent
from rclpy.clock import Clock, ClockType
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CompressedImage, Image

from vjepa2_monitor.bag_writer import BagWriter, Entry
from vjepa2_monitor.compression import Format, compressed
from vjepa2_monitor.disk_space import MEGABYTE
from vjepa2_monitor.goal_events import GoalEvents
from vjepa2_monitor.machine import machine
from vjepa2_monitor.parameter_snapshot import ParameterSnapshot
from vjepa2_monitor.recent_frames import RecentFrames, stamp_of
from vjepa2_monitor.record_code import RecordCode
from vjepa2_monitor.recorded_topics import (
    FRAMES,
    GOALS,
    LATENTS,
    LIVE,
    PARAMETER_EVENTS,
    TOPICS,
    VIEWS,
    RecordedTopic,
)
from vjepa2_monitor.recorder_parameters import PARAMETERS, limits_from
from vjepa2_msgs.msg import Goal, LatentId, TaskStatus, WorldModelStatus
from vjepa2_msgs.srv import EncodeGoal
from vjepa2_node import names, qos
from vjepa2_node.diagnostics import Health
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.run_nodes import run_nodes
from vjepa2_node.stamps import to_seconds
from vjepa2_planning.planner_parameters import PARAMETERS as PLANNER
from vjepa2_world_model.world_model_parameters import PARAMETERS as WORLD_MODEL

AFTER = 1.0
"""Seconds after the end of a task in which its last messages may come."""
KEPT_GOALS = 4
NICENESS = 10
REPLAYED = {"planner": [p.name for p in PLANNER], "world_model": [p.name for p in WORLD_MODEL]}
"""Nodes on whose parameters a plan depends."""


class RecorderNode(ManagedNode):
    """Begins a recording when a task begins, and ends it soon after the task has ended."""

    def __init__(self, **options: Any) -> None:
        super().__init__("recorder", PARAMETERS, **options)
        self._writer: BagWriter | None = None
        self._subscriptions_made: list[Any] = []
        self._state = TaskStatus.IDLE
        self._recording = False
        self._ends_at: float | None = None
        self._live_at = 0.0
        self._frames = RecentFrames()
        self._last_wanted = 0.0
        self._kept: dict[str, bytes] = {}
        self._goal_events = GoalEvents()
        self._goals: deque[tuple[bytes, bytes]] = deque(maxlen=KEPT_GOALS)

    def configure(self) -> None:
        values = self.parameters.values()
        self._writer = BagWriter(
            Path(values["folder"]), limits_from(values), values["queue_limit"] * MEGABYTE
        )
        self._frames, self._goal_events = RecentFrames(), GoalEvents()
        self._snapshot = ParameterSnapshot(self, REPLAYED, self._on_parameters)
        for topic in TOPICS:
            self._subscribe(topic.kind, topic.name, topic.qos, partial(self._on_message, topic))
        self._subscribe(Image, names.IMAGE, FRAMES, self._on_image)
        self._subscribe(EncodeGoal.Event, names.GOAL_EVENTS, qos.GOAL_EVENTS, self._on_goal_event)

    def activate(self) -> None:
        assert self._writer is not None
        self._writer.check()
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = self.create_timer(AFTER / 2, self._on_timer, self.quick, clock=steady)

    def deactivate(self) -> None:
        self.destroy_timer(self._timer)
        self._end()

    def cleanup(self) -> None:
        if self._writer is None:
            return
        for subscription in self._subscriptions_made:
            self.destroy_subscription(subscription)
        self._subscriptions_made.clear()
        self._snapshot.close()
        writer, self._writer = self._writer, None
        writer.close()

    def health(self) -> Health:
        assert self._writer is not None
        standing = self._writer.standing()
        fault = standing.fault
        code = RecordCode.OK if fault is None else fault.code
        said = "" if fault is None else f"{code.name}: {fault}"
        lossy = code is RecordCode.QUEUE_FULL
        return Health(
            error="" if lossy else said,
            warning=said if lossy else "",
            values={
                "code": code.name,
                "recording": standing.recording,
                "run": standing.path or "",
                "written_mb": standing.written / MEGABYTE,
                "queued_mb": standing.queued / MEGABYTE,
                "dropped": standing.dropped,
                "unreadable": standing.unreadable,
                "views_missing": len(self._frames.missing),
            },
        )

    def _subscribe(self, kind: type[Any], name: str, profile: Any, callback: Any) -> None:
        # Serialized, as most of it goes to the disk as it is.
        self._subscriptions_made.append(
            self.create_subscription(
                kind, name, callback, profile, callback_group=self.quick, raw=True
            )
        )

    def _on_message(self, topic: RecordedTopic, raw: bytes) -> None:
        if topic.name == names.TASK_STATUS:
            self._state = deserialize_message(raw, TaskStatus).state
            self._follow()
        if topic.name == names.WORLD_MODEL_STATUS:
            self._want(deserialize_message(raw, WorldModelStatus))
        if topic.kept:
            self._kept[topic.name] = raw
        self._put(topic.name, topic.kind, raw)

    def _follow(self) -> None:
        if not self.is_active:
            return
        if self._state == TaskStatus.IDLE:
            if self._recording and self._ends_at is None:
                self._ends_at = time.monotonic() + AFTER
        elif not self._recording or self._ends_at is not None:
            self._begin()

    def _begin(self) -> None:
        assert self._writer is not None
        self._writer.begin({"namespace": self.get_namespace(), **machine()})
        self._recording, self._ends_at = True, None
        self._frames.missing.clear()
        for topic in TOPICS:
            if topic.name in self._kept:
                self._put(topic.name, topic.kind, self._kept[topic.name])
        for goal, latent in self._goals:
            self._put_goal(goal, latent)
        self._snapshot.take()

    def _end(self) -> None:
        assert self._writer is not None
        self._writer.end()
        self._recording, self._ends_at = False, None

    def _want(self, status: WorldModelStatus) -> None:
        """The status names the frame that was encoded last, and is repeated once a second."""
        stamp = to_seconds(status.header.stamp)
        # `simulator` looks at states, all of which are recorded.
        pictures = self._recording and status.model != "simulator"
        if not pictures or not stamp or stamp == self._last_wanted:
            return
        self._last_wanted = stamp
        frame = self._frames.want(stamp)
        if frame is not None:
            self._put_image(VIEWS, frame, "png")

    def _on_image(self, raw: bytes) -> None:
        if self._frames.keep(stamp_of(raw), raw):
            self._put_image(VIEWS, raw, "png")
        rate, now = self.parameters["live_rate"], time.monotonic()
        if rate and now >= self._live_at:
            self._live_at = now + 1.0 / rate
            self._put_image(LIVE, raw, "jpeg")

    def _on_goal_event(self, raw: bytes) -> None:
        encoded = self._goal_events.take(deserialize_message(raw, EncodeGoal.Event))
        if encoded is not None:
            goal, latent = (bytes(serialize_message(part)) for part in encoded)
            # It may have been asked for and encoded before word of its task has come.
            self._goals.append((goal, latent))
            self._put_goal(goal, latent)

    def _on_parameters(self, event: ParameterEvent) -> None:
        self._put(PARAMETER_EVENTS, ParameterEvent, bytes(serialize_message(event)))

    def _on_timer(self) -> None:
        self._follow()  # a task may have begun before this node was active
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            self._end()
        if self._recording:
            self._snapshot.ask_again()

    def _put_image(self, topic: str, raw: bytes, kind: Format) -> None:
        self._put(topic, CompressedImage, raw, partial(compressed, kind=kind))

    def _put_goal(self, goal: bytes, latent: bytes) -> None:
        now = self.get_clock().now().nanoseconds
        self._put(GOALS, Goal, goal, stamp=now)
        self._put(LATENTS, LatentId, latent, stamp=now)

    def _put(
        self,
        topic: str,
        kind: type[Any],
        raw: bytes,
        convert: Callable[[bytes], bytes] = bytes,
        stamp: int | None = None,
    ) -> None:
        if self._recording and self._writer is not None:
            received = self.get_clock().now().nanoseconds if stamp is None else stamp
            self._writer.put(Entry(self.resolve_topic_name(topic), kind, received, raw, convert))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the recorder until a signal ends it; all others go before it on a busy machine."""
    os.nice(NICENESS)
    return run_nodes(lambda: [RecorderNode()], arguments)


if __name__ == "__main__":
    sys.exit(main())
