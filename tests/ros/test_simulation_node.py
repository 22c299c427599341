"""The simulation node: its camera, its trials, and how it takes faults."""

from __future__ import annotations

import os
import re
import select
import signal
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.msg import Transition
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image

from tests.ros.conftest import WAIT, Graph, Inbox
from vjepa2_msgs.msg import CameraStatus
from vjepa2_msgs.srv import RenderView, ScoreTrial, SetUpTrial
from vjepa2_node import names, qos
from vjepa2_node.diagnostics import TOPIC
from vjepa2_node.images import to_array
from vjepa2_node.parameters import ParameterError
from vjepa2_node.stamps import now_seconds, to_seconds
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.poses import delta_between
from vjepa2_sim.camera import Camera
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.reach import draw_reach_trial, goal_image, start_joints
from vjepa2_sim.task_draw import draw_task_trial
from vjepa2_simulation.simulation_node import SimulationNode

ADDRESS = f"127.{200 + os.getpid() % 50}.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"
CONFIGURE, CLEANUP = Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_CLEANUP
ACTIVATE, DEACTIVATE = Transition.TRANSITION_ACTIVATE, Transition.TRANSITION_DEACTIVATE
SIZE = 64
SEED = 100003


@pytest.fixture(scope="module")
def live(domain: int) -> Iterator[Graph]:
    """A graph with an active simulation, in any state of its trial."""
    graph = Graph()
    try:
        graph.add(SimulationNode, robot_address=ADDRESS, image_size=SIZE, frame_rate=20.0)
        yield graph
    finally:
        graph.close()


def _images(graph: Graph) -> Inbox:
    return graph.collect(Image, names.IMAGE, qos.IMAGES)


def _statuses(graph: Graph) -> Inbox:
    return graph.collect(CameraStatus, names.CAMERA_STATUS, qos.LATCHED)


def _stamp(message: Any) -> float:
    return to_seconds(message.header.stamp)


def _set_up(graph: Graph, **fields: Any) -> Any:
    return graph.call(SetUpTrial, names.SET_UP_TRIAL, SetUpTrial.Request(**fields))


def _trial(graph: Graph, seed: int = SEED) -> Any:
    response = _set_up(graph, task="reach", seed=seed)
    assert response.success, response.message
    return response


def _score(graph: Graph) -> Any:
    return graph.call(ScoreTrial, names.SCORE_TRIAL, ScoreTrial.Request())


def _view(graph: Graph, size: int = SIZE) -> Any:
    return graph.call(RenderView, names.RENDER_VIEW, RenderView.Request(size=size))


def _set(graph: Graph, name: str, value: Any) -> Any:
    change = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg()])
    return graph.call(SetParameters, "simulation/set_parameters", change).results[0]


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def test_pictures_come_at_their_rate_with_rising_stamps(live):
    """Stamps rise by the period and are of the past; the status tells the rate."""
    before = now_seconds(live.client.get_clock())
    messages = _images(live).next(20)
    stamps = [_stamp(message) for message in messages]
    gaps = np.diff(stamps)
    assert before < stamps[0]
    assert stamps[-1] < now_seconds(live.client.get_clock())
    assert (gaps > 0).all()
    assert np.median(gaps) == pytest.approx(1 / 20, rel=0.2)
    assert {(m.width, m.height, m.header.frame_id) for m in messages} == {
        (SIZE, SIZE, names.CAMERA_FRAME)
    }
    status = _statuses(live).until(lambda status: status.rate > 15)
    assert (status.source, status.stamps_estimated, status.message) == ("simulation", False, "")
    assert (status.width, status.height) == (SIZE, SIZE)


def test_the_cameras_health_is_in_the_diagnostics(live):
    """What the camera node tells, too."""
    inbox = live.collect(DiagnosticArray, TOPIC, qos.EVENTS)
    array = inbox.until(
        lambda m: any(v.key == "image_rate_hz" and float(v.value) > 10 for v in m.status[0].values)
    )
    values = {pair.key: pair.value for pair in array.status[0].values}
    assert array.status[0].message == "well"
    assert (values["source"], values["image_size"]) == ("simulation", f"{SIZE}x{SIZE}")
    assert 0.0 <= float(values["image_age_s"]) < 5.0
    assert int(values["images_dropped"]) >= 0


def test_intrinsics_are_those_of_the_picture(live):
    """With the stamp of a picture; K and P project points to where the scene's camera does."""
    placement = draw_reach_trial(SEED).camera
    _trial(live)
    images, infos = _images(live), live.collect(CameraInfo, names.CAMERA_INFO, qos.IMAGES)
    stamps = {_stamp(message) for message in infos.next(5)}
    assert images.until(lambda message: _stamp(message) in stamps)
    info = infos.messages[-1]
    points = np.array([[0.5, 0.1, 0.2], [0.3, -0.2, 0.0]])
    seen = (points - placement.position()) @ placement.rotation() * [1, -1, -1]
    pixels = seen @ info.k.reshape(3, 3).T
    # Pixel coordinates count from the middle of the first pixel, not from its corner.
    expected = placement.project(points) * SIZE - 0.5
    np.testing.assert_allclose(pixels[:, :2] / pixels[:, 2:], expected, atol=1e-6)
    np.testing.assert_array_equal(info.p.reshape(3, 4)[:, :3], info.k.reshape(3, 3))


@pytest.mark.parametrize("thing", ["cup", "box"])
def test_a_task_with_an_object_is_set_up_and_scored(live, thing):
    """Goals and budgets in order; the object lies where it was drawn, free, and far from done."""
    response = _set_up(live, task="pick_and_place", object=thing, seed=SEED)
    assert response.success, response.message
    trial = draw_task_trial("pick_and_place", thing, SEED)
    assert [goal.name for goal in response.goals] == [goal.name for goal in trial.sub_goals]
    assert list(response.budgets) == [goal.steps for goal in trial.sub_goals]
    score = _score(live)
    assert (score.success, score.reached, score.held, score.touched) == (True, False, False, False)
    np.testing.assert_allclose(score.object_position, trial.start.thing.position, atol=0.005)
    moved = np.array(trial.goal.thing.position) - trial.start.thing.position
    assert score.object_distance == pytest.approx(np.linalg.norm(moved), abs=0.005)
    pictures = [to_array(goal.image).astype(int) for goal in response.goals]
    assert all(_difference(a, b) > 0.02 for a, b in pairwise(pictures))


def test_a_task_may_begin_with_the_object_in_the_hand(live):
    """The fingers hold it, and the hand reports a grasp."""
    response = _set_up(live, task="reach_with_object", object="cup", seed=SEED)
    assert response.success, response.message
    score = _score(live)
    assert score.held
    assert not score.reached
    assert _set_up(live, task="reach", seed=SEED).success
    assert not _score(live).held
    assert np.isnan([_score(live).object_distance, *_score(live).object_position]).all()


def test_the_live_view_shows_the_start_of_the_trial(live):
    """After a set-up, pictures show arm, camera and light as an independent rendering does."""
    trial = draw_reach_trial(SEED)
    _trial(live)
    ready = now_seconds(live.client.get_clock())
    live_view = to_array(_images(live).until(lambda message: _stamp(message) > ready))
    rendered = _view(live)
    assert rendered.success
    assert _difference(live_view, to_array(rendered.image)) < 0.5
    twin = DirectDriver()
    camera = Camera(twin.model, SIZE)
    goal = goal_image(trial, twin, camera).copy()
    twin.place(start_joints(trial, twin))
    assert _difference(live_view, camera.capture(twin.data)) < 1.5
    assert _difference(live_view, goal) > 3.0
    camera.close()


def test_a_trial_is_drawn_from_its_seed(live):
    """Same seed: same goal, byte by byte. Another seed: another goal. The size is as asked."""
    first, again, other = _trial(live), _trial(live), _trial(live, SEED + 1)
    assert first.goals[0].image.data == again.goals[0].image.data
    assert first.goals[0].image.data != other.goals[0].image.data
    assert first.distance == pytest.approx(draw_reach_trial(SEED).distance_m, abs=0.002)
    goal = first.goals[0]
    assert (goal.name, goal.has_state) == ("reach", True)
    np.testing.assert_array_equal(goal.state, draw_reach_trial(SEED).goal)
    assert (goal.image.width, goal.image.encoding) == (SIZE, "rgb8")
    larger = _set_up(live, task="reach", seed=SEED, goal_size=96)
    assert larger.goals[0].image.width == 96


def test_franky_moves_the_arm_and_the_score_follows(live):
    """At the address given; from the start it is not reached, at the goal it is."""
    goal = _trial(live).goals[0].state
    start = _score(live)
    assert (start.success, start.reached) == (True, False)
    arm = FrankyArm(ADDRESS)
    try:
        result = arm.execute(delta_between(arm.state().pose, goal))
        assert result.code.ok, result.message
    finally:
        arm.close()
    end = _score(live)
    assert (end.success, end.reached) == (True, True)
    assert end.distance < 0.005
    np.testing.assert_allclose(end.position, goal[:3], atol=0.005)


def test_no_set_up_while_the_arm_moves(live):
    """A set-up in the middle of a motion is refused, and the motion goes on."""
    goal = _trial(live).goals[0].state
    before = _score(live).position
    arm = FrankyArm(ADDRESS)
    results = []
    try:
        delta = delta_between(arm.state().pose, goal)
        mover = threading.Thread(target=lambda: results.append(arm.execute(delta)))
        mover.start()
        while np.linalg.norm(_score(live).position - before) < 0.005:
            assert mover.is_alive()
        refused = _set_up(live, task="reach", seed=SEED + 1)
        mover.join(WAIT)
    finally:
        arm.close()
    assert not refused.success
    assert "moving" in refused.message
    assert results[0].code.ok, results[0].message
    assert _score(live).reached


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"task": "juggle", "seed": 1}, "'juggle'.*reach"),
        ({"task": "reach", "goal_size": 641}, "640.*641"),
    ],
)
def test_an_impossible_trial_is_refused(live, fields, named):
    """The answer says what there is."""
    refused = _set_up(live, **fields)
    assert not refused.success
    assert re.search(named, refused.message)


@pytest.mark.parametrize("size", [16, 300])
def test_a_view_has_the_size_asked_for(live, size):
    """For people, at any size; the live view stays as it is."""
    view = _view(live, size)
    assert view.success
    assert to_array(view.image).shape == (size, size, 3)
    refused = _view(live, 5000)
    assert not refused.success
    assert "640" in refused.message


class _Aged(Inbox):
    """Pictures, and how old each was when it arrived [s]."""

    def __init__(self, graph: Graph) -> None:
        self.ages: list[float] = []
        self._clock = graph.client.get_clock()
        super().__init__(graph.client, Image, names.IMAGE, qos.IMAGES)

    def _keep(self, message: Image) -> None:
        self.ages.append(now_seconds(self._clock) - _stamp(message))
        super()._keep(message)

    def from_now_on(self) -> None:
        """Wait for a picture that is captured after this."""
        now = now_seconds(self._clock)
        self.until(lambda message: _stamp(message) > now)


def test_delayed_pictures_keep_stamps_order_and_rate(live):
    """They come so much later; without the delay again, none overtakes another."""
    images = _Aged(live)
    assert _set(live, "image_delay", 0.5).successful
    images.from_now_on()
    late = images.next(10)
    assert min(images.ages[-10:]) >= 0.5
    assert np.median(np.diff([_stamp(m) for m in late])) == pytest.approx(1 / 20, rel=0.2)
    assert _set(live, "image_delay", 0.0).successful
    images.from_now_on()
    images.next(10)
    assert images.ages[-1] < 0.5
    assert all(_stamp(one) < _stamp(next_one) for one, next_one in pairwise(images.messages))
    assert "image_delay" in _set(live, "image_delay", 6.0).reason


@pytest.mark.parametrize(
    ("name", "value"),
    [("frame_rate", 0.0), ("image_size", 641), ("seed", -2), ("image_delay", -1.0)],
)
def test_a_bad_parameter_is_refused_by_name(graph, name, value):
    """The node does not come to be."""
    with pytest.raises(ParameterError, match=name):
        graph.add(SimulationNode, active=False, **{name: value})


class _Other:
    """A second simulation, in a namespace of its own."""

    def __init__(self, graph: Graph, **parameters: Any) -> None:
        self._graph = graph
        self.node = graph.add(
            lambda **options: SimulationNode(namespace="other", **options),
            active=False,
            image_size=SIZE,
            **parameters,
        )
        self.images = graph.collect(Image, f"other/{names.IMAGE}", qos.IMAGES)
        self.statuses = graph.collect(CameraStatus, f"other/{names.CAMERA_STATUS}", qos.LATCHED)

    def change(self, *transitions: int, expected: bool = True) -> None:
        for transition in transitions:
            self._graph.change("other/simulation", transition, expected)

    def score(self) -> Any:
        return self._graph.call(ScoreTrial, f"other/{names.SCORE_TRIAL}", ScoreTrial.Request())

    def process(self) -> int:
        """A descriptor of the simulation's process, to await its end."""
        return os.pidfd_open(self.node._trials.table.pid)


def _ended(process: int) -> bool:
    try:
        return bool(select.select([process], [], [], WAIT)[0])
    finally:
        os.close(process)


def test_two_simulations_at_one_address(graph, live, capfd):
    """The second refuses to be configured, and says which address and what to do."""
    other = _Other(graph, robot_address=ADDRESS)
    other.change(CONFIGURE, expected=False)
    message = capfd.readouterr().err
    assert f"no robot can be served at {ADDRESS}" in message
    assert "use another loopback address" in message
    assert "configure the node" in other.score().message


def test_from_configure_to_cleanup(graph):
    """It begins with the trial of its seed; inactive it is silent; cleaned up it is gone."""
    other = _Other(graph, robot_address="", seed=SEED)
    assert not other.score().success
    other.change(CONFIGURE)
    assert other.score().distance == pytest.approx(draw_reach_trial(SEED).distance_m, abs=0.002)
    other.change(ACTIVATE)
    other.images.next(3)
    other.change(DEACTIVATE)
    inactive = now_seconds(graph.client.get_clock())
    other.statuses.until(lambda status: "not active" in status.message)
    # Each takes its turn on the thread that would take pictures.
    assert all(other.score().success for _ in range(10))
    assert max(_stamp(message) for message in other.images.messages) < inactive
    process = other.process()
    other.change(CLEANUP)
    assert _ended(process)
    assert not other.score().success


def test_a_killed_simulation_is_told_and_can_be_started_anew(graph):
    """The node survives: status and services say what happened; cleaned up, it starts again."""
    other = _Other(graph, robot_address="", seed=SEED)
    other.change(CONFIGURE, ACTIVATE)
    other.images.next(1)
    process = other.process()
    os.kill(other.node._trials.table.pid, signal.SIGKILL)
    assert _ended(process)
    status = other.statuses.until(lambda status: "died" in status.message)
    assert "configure" in status.message
    health = graph.collect(DiagnosticArray, TOPIC, qos.EVENTS)
    health.until(
        lambda m: m.status[0].level == DiagnosticStatus.ERROR and "died" in m.status[0].message
    )
    refused = other.score()
    assert not refused.success
    assert "died" in refused.message
    other.change(DEACTIVATE, CLEANUP, CONFIGURE, ACTIVATE)
    other.images.next(3)
    assert other.score().success
