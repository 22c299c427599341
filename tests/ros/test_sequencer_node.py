"""The sequencer with a camera, an arm, a world model and a planner that the test commands."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
import yaml
from action_msgs.msg import GoalStatus
from lifecycle_msgs.msg import Transition
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter as RosParameter

from tests.ros.sequencer_peers import SCENE, Surroundings, ToyPlanner
from vjepa2_msgs.action import RunTask
from vjepa2_msgs.msg import Goal, Outcome, RobotMode, TaskCode, TaskStatus, WorldModelCode
from vjepa2_msgs.srv import CaptureGoal, ListTasks, LoadTask, TaskRequest
from vjepa2_node import names
from vjepa2_node.images import to_array, to_message
from vjepa2_node.qos import LATCHED
from vjepa2_node.stamps import to_seconds
from vjepa2_planner.goal_image import write_goal_image
from vjepa2_planner.task import pursuit_seed
from vjepa2_planning import task_execution
from vjepa2_planning.live_preflight import check_live
from vjepa2_planning.sequencer_node import SequencerNode

BUDGETS = [4, 10, 4]
PARAMETERS: dict[str, Any] = {
    "preflight.wait": 3.0,
    "server_wait": 3.0,
    "planner_timeout": 20.0,
    "stop_timeout": 20.0,
}
IMPATIENT = 0.3  # s; for checks that are to fail


class Desk:
    """The sequencer, what surrounds it, and a client's view of it."""

    def __init__(self, graph: Any, folder: Path) -> None:
        self.graph = graph
        self.folder = folder
        self.surroundings: Surroundings = graph.add(Surroundings)
        self.planner: ToyPlanner = graph.add(ToyPlanner)
        self.sequencer: SequencerNode = graph.add(
            SequencerNode, goal_folder=str(folder / "goals"), **PARAMETERS
        )
        self.status = graph.collect(TaskStatus, names.TASK_STATUS, LATCHED)
        self.feedback: SimpleQueue[Any] = SimpleQueue()

    def start(self, steps: list[int] = BUDGETS, **request: Any) -> Any:
        """Handle of a task of goal images a, b, c with these budgets, or of another request."""
        if not request:
            goals = [goal_of(name) for name in "abcdef"[: len(steps)]]
            request = {"goal_images": goals, "budgets": steps, "seed": 9}
        goal = RunTask.Goal(**request)
        return self.graph.send(RunTask, names.RUN_TASK, goal, self.feedback.put)

    def run(self, steps: list[int] = BUDGETS, **request: Any) -> RunTask.Result:
        """Result of such a task, with a planner that makes its steps at once."""
        self.planner.allow()
        return self.graph.result(self.start(steps, **request))

    def steps(self, count: int) -> list[tuple[int, int]]:
        """Sub-goal and index of the steps that come next."""
        messages = [self.feedback.get(timeout=30.0).feedback for _ in range(count)]
        return [(message.sub_goal, message.step.index) for message in messages]

    def ask(self, name: str) -> tuple[int, str]:
        """Code and message of a request about the task."""
        response = self.graph.call(TaskRequest, name, TaskRequest.Request())
        return response.code.code, response.message

    def capture(self, name: str) -> CaptureGoal.Response:
        """The live view as a goal."""
        return self.graph.call(CaptureGoal, names.CAPTURE_GOAL, CaptureGoal.Request(name=name))

    def load(self, path: Path | str) -> LoadTask.Response:
        """A task file."""
        return self.graph.call(LoadTask, names.LOAD_TASK, LoadTask.Request(path=str(path)))

    def set(self, **parameters: Any) -> Any:
        """Set parameters of the sequencer; `__` stands for a dot."""
        values = [
            RosParameter(name.replace("__", "."), value=value).to_parameter_msg()
            for name, value in parameters.items()
        ]
        request = SetParameters.Request(parameters=values)
        results = self.graph.call(SetParameters, "sequencer/set_parameters", request).results
        return results[0]


def goal_of(name: str, image: Any = SCENE) -> Goal:
    """A goal like the live view."""
    return Goal(name=name, image=to_message(image, 1.0, "camera"), has_state=True, state=[0.5] * 7)


@pytest.fixture
def desk(graph: Any, tmp_path: Path) -> Iterator[Desk]:
    """All of it, active."""
    return Desk(graph, tmp_path)


def test_sub_goals_in_order(desk: Desk) -> None:
    """Each goal is encoded and pursued with its budget; each step is fed back; status is told."""
    handle = desk.start()
    desk.planner.allow(17)
    running = desk.status.until(lambda m: m.sub_goal == 2 and m.steps_done == 3)
    assert (running.state, running.task) == (TaskStatus.RUNNING, "a+b+c")
    assert (running.sub_goals, running.sub_goal_name, running.budget) == (3, "c", 4)
    assert running.energy == pytest.approx(1 / 3)
    desk.planner.allow(1)
    result = desk.graph.result(handle)
    assert (result.code.code, result.message) == (TaskCode.OK, "3 sub-goals done in 18 steps")
    assert (result.sub_goals_done, result.steps) == (3, 18)
    assert result.outcome == Outcome(outcome=Outcome.BUDGET_SPENT, detail=3, message="all spent")
    assert result.energy == pytest.approx(1 / 5)
    assert [goal.name for goal in desk.surroundings.encoded] == ["a", "b", "c"]
    assert list(desk.surroundings.encoded[0].state) == [0.5] * 7
    goals = desk.planner.goals
    assert [goal.budget for goal in goals] == BUDGETS
    assert [goal.goal.number for goal in goals] == [1, 2, 3]
    assert [goal.seed for goal in goals] == [pursuit_seed(9, index, 0) for index in range(3)]
    assert {goal.stall_window for goal in goals} == {0}
    ended = desk.status.until(lambda m: m.message)
    assert (ended.state, ended.code.code) == (TaskStatus.IDLE, TaskCode.OK)


def test_each_step_is_fed_back(desk: Desk) -> None:
    """With the index of its sub-goal, in order."""
    desk.start([2, 3])
    seen = []
    for _ in range(5):
        desk.planner.allow(1)
        seen += desk.steps(1)
    assert seen == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]


def test_paused_and_resumed(desk: Desk) -> None:
    """The pursuit is cancelled; a new one, freshly encoded, has the steps that are left."""
    handle = desk.start()
    assert desk.ask(names.RESUME)[0] == TaskCode.NOT_PAUSED
    desk.planner.allow(6)
    desk.steps(6)
    assert desk.ask(names.PAUSE)[0] == TaskCode.OK
    paused = desk.status.until(lambda m: m.state == TaskStatus.PAUSED)
    assert (paused.sub_goal, paused.steps_done, paused.budget) == (1, 2, 10)
    assert len(desk.planner.goals) == 2
    assert desk.ask(names.RESUME)[0] == TaskCode.OK
    desk.planner.allow()
    result = desk.graph.result(handle)
    assert (result.code.code, result.steps) == (TaskCode.OK, 18)
    assert [goal.budget for goal in desk.planner.goals] == [4, 10, 8, 4]
    continued = desk.planner.goals[2]
    assert continued.seed == pursuit_seed(9, 1, 1)
    assert continued.goal.number == 3
    assert [goal.name for goal in desk.surroundings.encoded] == ["a", "b", "b", "c"]


def test_resume_waits_for_the_arm(desk: Desk) -> None:
    """Not while the arm is guided by hand; the task stays paused until it is IDLE again."""
    handle = desk.start([5])
    desk.planner.allow(1)
    desk.steps(1)
    desk.ask(names.PAUSE)
    desk.status.until(lambda m: m.state == TaskStatus.PAUSED)
    desk.set(preflight__wait=IMPATIENT)
    desk.surroundings.set_mode(RobotMode.GUIDING)
    code, message = desk.ask(names.RESUME)
    assert code == TaskCode.ROBOT_NOT_READY
    assert "the arm is GUIDING" in message
    desk.set(preflight__wait=20.0)
    desk.surroundings.set_mode(RobotMode.IDLE)
    assert desk.ask(names.RESUME)[0] == TaskCode.OK
    desk.planner.allow()
    assert desk.graph.result(handle).steps == 5


@pytest.mark.parametrize("name", [names.PAUSE, names.SKIP, names.ABORT])
def test_asked_for_something_else_while_resume_waits(
    desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It wins over the resume that came first: no pursuit starts."""
    checking = threading.Event()

    def check(*arguments: Any) -> None:
        checking.set()
        check_live(*arguments)

    handle = desk.start([5, 5])
    desk.planner.allow(1)
    desk.steps(1)
    desk.ask(names.PAUSE)
    desk.status.until(lambda m: m.state == TaskStatus.PAUSED)
    desk.set(preflight__wait=20.0)
    desk.surroundings.set_mode(RobotMode.GUIDING)
    monkeypatch.setattr(task_execution, "check_live", check)
    with ThreadPoolExecutor(1) as threads:
        resumed = threads.submit(desk.ask, names.RESUME)
        assert checking.wait(20.0)
        assert desk.ask(name)[0] == TaskCode.OK
        if name == names.ABORT:
            assert resumed.result(10.0)[0] == TaskCode.ABORTED
        desk.surroundings.set_mode(RobotMode.IDLE)
        code, message = resumed.result(20.0)
    assert len(desk.planner.goals) == 1
    if name == names.ABORT:
        assert desk.graph.result(handle).code.code == TaskCode.ABORTED
        return
    assert code == TaskCode.NOT_PAUSED and "meanwhile" in message
    assert desk.ask(names.RESUME)[0] == TaskCode.OK
    desk.planner.allow()
    assert desk.graph.result(handle).code.code == TaskCode.OK


def test_aborted_in_the_preflight(desk: Desk) -> None:
    """At once, though the camera sends nothing that would wake it up."""
    desk.set(preflight__wait=60.0)
    desk.surroundings.set_mode(RobotMode.GUIDING)
    desk.surroundings.sends_images = False
    handle = desk.start()
    desk.status.until(lambda m: m.state == TaskStatus.PREFLIGHT)
    assert desk.ask(names.ABORT)[0] == TaskCode.OK
    result = desk.graph.result(handle, timeout=15.0)
    assert (result.code.code, result.message) == (TaskCode.ABORTED, "aborted by request")
    assert not desk.planner.goals


def test_paused_in_the_preflight(desk: Desk) -> None:
    """The task waits before its first pursuit."""
    desk.set(preflight__wait=60.0)
    desk.surroundings.set_mode(RobotMode.GUIDING)
    handle = desk.start([2])
    desk.status.until(lambda m: m.state == TaskStatus.PREFLIGHT)
    assert desk.ask(names.PAUSE)[0] == TaskCode.OK
    desk.surroundings.set_mode(RobotMode.IDLE)
    desk.status.until(lambda m: m.state == TaskStatus.PAUSED)
    assert not desk.planner.goals and not desk.surroundings.encoded
    assert desk.ask(names.RESUME)[0] == TaskCode.OK
    desk.planner.allow()
    assert desk.graph.result(handle).steps == 2


def test_skipped(desk: Desk) -> None:
    """The current sub-goal is left; the last one too."""
    handle = desk.start([4, 10])
    desk.planner.allow(1)
    desk.steps(1)
    assert desk.ask(names.SKIP)[0] == TaskCode.OK
    desk.status.until(lambda m: m.sub_goal == 1)
    desk.planner.allow(1)
    assert desk.steps(1) == [(1, 0)]
    assert desk.ask(names.SKIP) == (TaskCode.OK, "sub-goal b is skipped")
    result = desk.graph.result(handle)
    assert (result.code.code, result.sub_goals_done, result.steps) == (TaskCode.OK, 0, 2)
    assert "skipped: a, b" in result.message


def test_aborted(desk: Desk) -> None:
    """By the service: the pursuit is cancelled, the result says ABORTED; then there is no task."""
    handle = desk.start()
    desk.planner.allow(1)
    desk.steps(1)
    assert desk.ask(names.ABORT)[0] == TaskCode.OK
    response = desk.graph.result_status(handle)
    assert response.status == GoalStatus.STATUS_ABORTED
    assert response.result.code.code == TaskCode.ABORTED
    assert response.result.outcome.outcome == Outcome.CANCELLED
    assert response.result.steps == 1
    for name in (names.PAUSE, names.RESUME, names.SKIP, names.ABORT):
        assert desk.ask(name)[0] == TaskCode.NO_TASK
    assert desk.run([1]).code.code == TaskCode.OK


@pytest.mark.parametrize("when", ["at once", "running", "paused"])
def test_cancelled(desk: Desk, when: str) -> None:
    """Cancelling the action is an abort, at any time."""
    handle = desk.start()
    if when != "at once":
        desk.planner.allow(1)
        desk.steps(1)
    if when == "paused":
        desk.ask(names.PAUSE)
        desk.status.until(lambda m: m.state == TaskStatus.PAUSED)
    handle.cancel_goal_async()
    response = desk.graph.result_status(handle)
    assert response.status == GoalStatus.STATUS_CANCELED
    assert response.result.code.code == TaskCode.ABORTED


def test_a_second_client(desk: Desk) -> None:
    """BUSY, and the first one's task is not disturbed."""
    first = desk.start()
    second = desk.graph.result_status(desk.start([1]))
    assert second.status == GoalStatus.STATUS_ABORTED
    assert second.result.code.code == TaskCode.BUSY
    assert second.result.message
    desk.planner.allow()
    assert desk.graph.result(first).steps == 18


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.STALLED, TaskCode.STALLED),
        (Outcome.MOTION_REFUSED, TaskCode.PURSUIT_FAILED),
        (Outcome.WORLD_MODEL_LOST, TaskCode.WORLD_MODEL_LOST),
    ],
)
def test_pursuits_that_fail(desk: Desk, outcome: int, code: int) -> None:
    """The task ends with its code and the planner's outcome and words."""
    desk.planner.ending, desk.planner.ends_after = outcome, 2
    result = desk.run()
    assert result.code.code == code
    assert result.outcome == Outcome(outcome=outcome, detail=3, message="as the test wants")
    assert (result.sub_goals_done, result.steps) == (0, 2)
    assert "sub-goal a" in result.message


@pytest.mark.parametrize("outcome", [None, Outcome.UNKNOWN, 99])
def test_a_planner_that_does_not_say_how_it_ended(desk: Desk, outcome: int | None) -> None:
    """PLANNER_LOST, also for an exception in the planner, and for a number that is no outcome."""
    desk.planner.ending, desk.planner.ends_after = outcome, 2
    desk.planner.fails = True
    desk.planner.allow(2)
    result = desk.graph.result(desk.start())
    assert result.code.code == TaskCode.PLANNER_LOST
    assert f"outcome {Outcome.UNKNOWN if outcome is None else outcome}" in result.message


def test_an_error_of_the_sequencer(desk: Desk) -> None:
    """FAILED with a sentence, never a result that nobody filled in; then it is not BUSY."""
    for publisher in list(desk.sequencer.publishers):
        if publisher.topic_name.endswith(names.TASK_STATUS):
            desk.sequencer.destroy_publisher(publisher)
    for _ in range(2):
        response = desk.graph.result_status(desk.start())
        assert response.status == GoalStatus.STATUS_ABORTED
        assert response.result.code.code == TaskCode.FAILED
        assert response.result.message
    assert not desk.planner.goals


def test_stall_window(desk: Desk) -> None:
    """The request's own, or else the parameter's."""
    assert desk.set(stall_window=6).successful
    desk.run([1])
    desk.run(goal_images=[goal_of("a")], budgets=[1], stall_window=3)
    assert [goal.stall_window for goal in desk.planner.goals] == [6, 3]


def test_no_planner(graph: Any, tmp_path: Path) -> None:
    """PLANNER_LOST."""
    graph.add(Surroundings)
    graph.add(SequencerNode, goal_folder=str(tmp_path), **{**PARAMETERS, "server_wait": 0.2})
    request = RunTask.Goal(goal_images=[goal_of("a")], budgets=[1])
    result = graph.run(RunTask, names.RUN_TASK, request)
    assert result.code.code == TaskCode.PLANNER_LOST
    assert "pursue_goal" in result.message


def test_no_world_model(graph: Any, tmp_path: Path) -> None:
    """WORLD_MODEL_LOST."""
    graph.add(lambda **options: Surroundings(world_model=False, **options))
    planner = graph.add(ToyPlanner)
    parameters = {**PARAMETERS, "world_model_timeout": 0.5}
    graph.add(SequencerNode, goal_folder=str(tmp_path), **parameters)
    request = RunTask.Goal(goal_images=[goal_of("a")], budgets=[1])
    result = graph.run(RunTask, names.RUN_TASK, request)
    assert result.code.code == TaskCode.WORLD_MODEL_LOST
    assert "encode_goal" in result.message
    assert not planner.goals


def test_a_planner_that_falls_silent(desk: Desk) -> None:
    """PLANNER_LOST after `planner_timeout` without a step."""
    desk.set(planner_timeout=0.5)
    handle = desk.start()
    desk.planner.allow(2)
    result = desk.graph.result(handle)
    assert result.code.code == TaskCode.PLANNER_LOST
    assert "sent nothing for 0.5 s" in result.message


def test_a_planner_that_dies(graph: Any, tmp_path: Path) -> None:
    """PLANNER_LOST as soon as it is seen to be gone, long before its time is up."""
    graph.add(Surroundings)
    parameters = {**PARAMETERS, "server_wait": 20.0, "planner_timeout": 3000.0}
    graph.add(SequencerNode, goal_folder=str(tmp_path), **parameters)
    planner = subprocess.Popen([sys.executable, "-m", "tests.ros.sequencer_peers"])
    try:
        steps: SimpleQueue[Any] = SimpleQueue()
        request = RunTask.Goal(goal_images=[goal_of("a")], budgets=[1000])
        handle = graph.send(RunTask, names.RUN_TASK, request, steps.put)
        steps.get(timeout=60.0)  # the planner has to start first
        planner.terminate()
        planner.wait(timeout=20.0)
    finally:
        planner.kill()
        planner.wait()
    result = graph.result(handle)
    assert result.code.code == TaskCode.PLANNER_LOST
    assert "the planner is gone" in result.message


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (WorldModelCode.FAILED, TaskCode.WORLD_MODEL_LOST),
        (WorldModelCode.INACTIVE, TaskCode.WORLD_MODEL_LOST),
        (WorldModelCode.SIZE_MISMATCH, TaskCode.GOAL_SIZE),
        (WorldModelCode.BAD_IMAGE, TaskCode.NO_IMAGE),
    ],
)
def test_goals_that_are_not_encoded(desk: Desk, answer: int, code: int) -> None:
    """The world model's refusal ends the task before any pursuit."""
    desk.surroundings.code = answer
    result = desk.run()
    assert (result.code.code, result.message) == (code, "goal a: as the test wants")
    assert not desk.planner.goals
    assert result.outcome.message == "no goal was pursued"


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"sends_images": False}, TaskCode.NO_IMAGE, "no image has come"),
        ({"image_offset": -5.0}, TaskCode.CAMERA_STALE, "s old"),
        ({"image_offset": 5.0}, TaskCode.CAMERA_STALE, "in the future"),
        ({"image": SCENE[:12]}, TaskCode.GOAL_SIZE, "32 x 12 px"),
        ({"image": SCENE // 3}, TaskCode.GOAL_EXPOSURE, "brighter than the live view"),
        ({"image": SCENE // 40}, TaskCode.GOAL_EXPOSURE, "black"),
        ({"sends_states": False}, TaskCode.ROBOT_NOT_READY, "sends no state"),
        ({"state_offset": -5.0}, TaskCode.ROBOT_NOT_READY, "newest state is"),
        ({"mode": RobotMode.REFLEX}, TaskCode.ROBOT_NOT_READY, "the arm is REFLEX"),
    ],
)
def test_preflight(
    graph: Any, tmp_path: Path, change: dict[str, Any], code: int, word: str
) -> None:
    """What speaks against a start has its code and its sentence, and nothing is pursued."""

    def surroundings(**options: Any) -> Surroundings:
        node = Surroundings(**options)
        for name, value in change.items():
            setattr(node, name, value)
        return node

    graph.add(surroundings)
    planner = graph.add(ToyPlanner)
    parameters = {**PARAMETERS, "preflight.wait": IMPATIENT}
    graph.add(SequencerNode, goal_folder=str(tmp_path), **parameters)
    request = RunTask.Goal(goal_images=[goal_of("a")], budgets=[1])
    result = graph.run(RunTask, names.RUN_TASK, request)
    assert result.code.code == code, result.message
    assert word in result.message
    assert not planner.goals


def test_preflight_of_a_slow_camera(desk: Desk) -> None:
    """CAMERA_SLOW, with all else that is wrong in the same message."""
    desk.set(preflight__min_rate=100.0)
    desk.set(preflight__wait=IMPATIENT)
    desk.surroundings.set_mode(RobotMode.REFLEX, "pushed")
    result = desk.run()
    assert result.code.code == TaskCode.CAMERA_SLOW
    assert "less than 100 Hz" in result.message
    assert "REFLEX (pushed)" in result.message


@pytest.mark.parametrize(
    ("request_", "code", "word"),
    [
        ({}, TaskCode.BAD_TASK, "give one of"),
        ({"task": "cup", "goals": ["a"]}, TaskCode.BAD_TASK, "give one of"),
        ({"task": "cup"}, TaskCode.NO_TASK, "no task called 'cup'"),
        ({"task": "cup", "budgets": [1]}, TaskCode.BAD_TASK, "budgets"),
        ({"goals": ["a"], "budgets": [1]}, TaskCode.BAD_TASK, "no goal called 'a'"),
        ({"goals": ["../a"], "budgets": [1]}, TaskCode.BAD_TASK, "no goal called"),
        ({"goal_images": [goal_of("a")]}, TaskCode.BAD_TASK, "1 goals but 0 budgets"),
        ({"goal_images": [goal_of("a")], "budgets": [0]}, TaskCode.BAD_TASK, "budget of a"),
        ({"goal_images": [goal_of("a")], "budgets": [9999]}, TaskCode.BAD_TASK, "budget of a"),
        ({"goal_images": [goal_of("a b")], "budgets": [1]}, TaskCode.BAD_TASK, "'a b'"),
        ({"goal_images": [Goal(name="a")], "budgets": [1]}, TaskCode.BAD_TASK, "goal a"),
        (
            {
                "goal_images": [
                    Goal(name="a", image=goal_of("a").image, has_state=True, state=[math.nan] * 7)
                ],
                "budgets": [1],
            },
            TaskCode.BAD_TASK,
            "not finite",
        ),
    ],
)
def test_requests_that_are_refused(
    desk: Desk, request_: dict[str, Any], code: int, word: str
) -> None:
    """Each with a code and a sentence."""
    result = desk.graph.run(RunTask, names.RUN_TASK, RunTask.Goal(**request_))
    assert (result.code.code, word in result.message) == (code, True), result.message


def test_a_captured_goal(desk: Desk) -> None:
    """Image and interpolated state are stored, listed, found by a new node, and run by name."""
    desk.surroundings.set_mode(RobotMode.GUIDING)
    response = desk.capture("above_cup")
    assert response.code.code == TaskCode.OK, response.message
    assert np.array_equal(to_array(response.goal.image), SCENE)
    stamp = to_seconds(response.goal.image.header.stamp)
    assert response.goal.has_state
    expected = desk.surroundings.state_at(stamp)
    assert np.allclose(response.goal.state, expected, atol=1e-6)
    assert Path(response.path) == desk.folder / "goals" / "above_cup.png"
    for transition in ("DEACTIVATE", "CLEANUP", "CONFIGURE", "ACTIVATE"):
        desk.graph.change("sequencer", getattr(Transition, f"TRANSITION_{transition}"))
    listed = desk.graph.call(ListTasks, names.LIST_TASKS, ListTasks.Request())
    assert (listed.tasks, listed.goals) == ([], ["above_cup"])
    desk.surroundings.set_mode(RobotMode.IDLE)
    result = desk.run(goals=["above_cup", "above_cup"], budgets=[1, 2])
    assert (result.code.code, result.steps) == (TaskCode.OK, 3), result.message
    sent = desk.surroundings.encoded[0]
    assert sent.name == "above_cup" and sent.image.header.frame_id == "camera"
    assert np.array_equal(to_array(sent.image), SCENE)
    assert np.allclose(sent.state, expected, atol=1e-6)


def test_captures_that_are_refused(desk: Desk) -> None:
    """Bad names lead nowhere else; stale images and full folders are told."""
    assert desk.capture("first").code.code == TaskCode.OK
    for name in ("../evil", "", "a/b", "x" * 65, ".", "/tmp/evil"):
        response = desk.capture(name)
        assert response.code.code == TaskCode.BAD_TASK
        assert "the name of a goal" in response.message
    found = sorted(path.name for path in desk.folder.rglob("*") if path.is_file())
    assert found == ["first.json", "first.png"]
    goals = desk.folder / "goals"
    goals.rename(desk.folder / "moved")
    goals.write_text("in the way")
    response = desk.capture("second")
    assert response.code.code == TaskCode.CANNOT_WRITE
    assert "goal_folder" in response.message


def test_capture_without_a_state_or_a_fresh_image(graph: Any, tmp_path: Path) -> None:
    """A goal may lack the state; a stale image, or none, is refused."""
    surroundings = graph.add(Surroundings, active=False)
    surroundings.sends_states = surroundings.sends_images = False
    parameters = {**PARAMETERS, "preflight.wait": 0.5}
    graph.add(SequencerNode, goal_folder=str(tmp_path), **parameters)

    def capture() -> Any:
        return graph.call(CaptureGoal, names.CAPTURE_GOAL, CaptureGoal.Request(name="a"))

    assert capture().code.code == TaskCode.NO_IMAGE
    surroundings.sends_images = True
    surroundings.image_offset = -3.0
    assert capture().code.code == TaskCode.CAMERA_STALE
    surroundings.image_offset = 0.0
    response = capture()
    assert response.code.code == TaskCode.OK, response.message
    assert not response.goal.has_state


def test_goal_files_that_cannot_be_used(desk: Desk) -> None:
    """They are left out, the others are there; an image alone is a goal without a state."""
    desk.capture("good")
    goals = desk.folder / "goals"
    assert goals.is_dir()
    write_goal_image(goals / "alone.png", SCENE)
    write_goal_image(goals / "bad name.png", SCENE)
    for name in ("half", "short", "torn"):
        write_goal_image(goals / f"{name}.png", SCENE)
    (goals / "half.json").write_text('{"state": [1, 2')
    (goals / "short.json").write_text('{"state": [1, 2], "stamp": 0, "frame_id": ""}')
    (goals / "torn.png").write_bytes(b"no image")
    for transition in ("DEACTIVATE", "CLEANUP", "CONFIGURE", "ACTIVATE"):
        desk.graph.change("sequencer", getattr(Transition, f"TRANSITION_{transition}"))
    listed = desk.graph.call(ListTasks, names.LIST_TASKS, ListTasks.Request())
    assert listed.goals == ["alone", "good"]


def test_a_task_file(desk: Desk) -> None:
    """Loaded, listed and run: images of files and captured goals, thresholds, its seed."""
    write_goal_image(desk.folder / "grasp.png", SCENE)
    desk.capture("place")
    path = desk.folder / "task.yaml"
    sub_goals = [
        {"name": "grasp", "image": "grasp.png", "steps": 4, "energy_threshold": 0.25},
        {"name": "place", "steps": 3},
    ]
    path.write_text(yaml.safe_dump({"name": "cup", "seed": 5, "sub_goals": sub_goals}))
    response = desk.load(path)
    assert (response.code.code, response.task) == (TaskCode.OK, "cup"), response.message
    assert [(s.name, s.budget, s.energy_threshold) for s in response.sub_goals] == [
        ("grasp", 4, 0.25),
        ("place", 3, 0.0),
    ]
    assert response.sub_goals[0].image == str(desk.folder / "grasp.png")
    assert response.sub_goals[1].image == ""
    listed = desk.graph.call(ListTasks, names.LIST_TASKS, ListTasks.Request())
    assert (listed.tasks, listed.goals) == (["cup"], ["place"])
    result = desk.run(task="cup")
    assert (result.code.code, result.steps) == (TaskCode.OK, 7), result.message
    assert [goal.energy_threshold for goal in desk.planner.goals] == [0.25, 0.0]
    assert [goal.seed for goal in desk.planner.goals] == [pursuit_seed(5, i, 0) for i in (0, 1)]
    assert [goal.has_state for goal in desk.surroundings.encoded] == [False, True]
    desk.run(task="cup", seed=6)
    assert desk.planner.goals[2].seed == pursuit_seed(6, 0, 0)
    (desk.folder / "grasp.png").unlink()
    result = desk.run(task="cup")
    assert result.code.code == TaskCode.BAD_TASK and "grasp.png is not there" in result.message


def test_task_files_that_are_refused(desk: Desk) -> None:
    """With the file, the sub-goal and the key in the message; nothing is kept."""
    path = desk.folder / "task.yaml"
    path.write_text("name: cup\nsub_goals: [{name: grasp, step: 4}]\n")
    response = desk.load(path)
    assert response.code.code == TaskCode.BAD_TASK
    for word in (str(path), "sub-goal 1", "'step'", "did you mean steps?"):
        assert word in response.message
    for odd in ("", "/", desk.folder / "absent.yaml", "~nobody-of-this-name/a.yaml"):
        assert desk.load(odd).code.code == TaskCode.BAD_TASK
    listed = desk.graph.call(ListTasks, names.LIST_TASKS, ListTasks.Request())
    assert listed.tasks == []


def test_inactive(graph: Any, tmp_path: Path) -> None:
    """Every request has an answer before the node is active."""
    graph.add(SequencerNode, active=False, goal_folder=str(tmp_path))
    result = graph.run(RunTask, names.RUN_TASK, RunTask.Goal(task="cup"))
    assert result.code.code == TaskCode.INACTIVE and result.message
    for name in (names.PAUSE, names.RESUME, names.SKIP, names.ABORT):
        assert graph.call(TaskRequest, name, TaskRequest.Request()).code.code == TaskCode.INACTIVE
    for kind, name in ((LoadTask, names.LOAD_TASK), (CaptureGoal, names.CAPTURE_GOAL)):
        assert graph.call(kind, name, kind.Request()).code.code == TaskCode.INACTIVE
    assert graph.call(ListTasks, names.LIST_TASKS, ListTasks.Request()).goals == []


def test_deactivated_in_mid_task(desk: Desk) -> None:
    """The task is aborted, its pursuit cancelled; cleaned up, the node can be used again."""
    handle = desk.start()
    desk.planner.allow(1)
    desk.steps(1)
    desk.graph.change("sequencer", Transition.TRANSITION_DEACTIVATE)
    result = desk.graph.result(handle)
    assert result.code.code == TaskCode.ABORTED and "deactivated" in result.message
    assert result.outcome.outcome == Outcome.CANCELLED
    for transition in ("CLEANUP", "CONFIGURE", "ACTIVATE"):
        desk.graph.change("sequencer", getattr(Transition, f"TRANSITION_{transition}"))
    assert desk.run([2]).code.code == TaskCode.OK


def test_closed_in_mid_task(desk: Desk) -> None:
    """Closing does not wait for a planner that nobody hears any more."""
    desk.start()
    desk.planner.allow(1)
    desk.steps(1)
    desk.sequencer.close()
    assert not desk.sequencer.is_active


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("stall_window", -1, "stall_window"),
        ("preflight__brightness_ratio", 0.5, "brightness_ratio"),
        ("planner_timeout", 0.0, "planner_timeout"),
        ("goal_folder", "elsewhere", "unconfigured"),
    ],
)
def test_parameters_that_are_refused(desk: Desk, name: str, value: Any, word: str) -> None:
    """At run time, with a sentence that names the parameter."""
    answer = desk.set(**{name: value})
    assert not answer.successful
    assert word in answer.reason
