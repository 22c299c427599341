"""The camera fails: no step is planned from what it does not show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lifecycle_msgs.msg import Transition

from tests.faults.camera import JUMP, FaultyCamera
from tests.faults.lab import FaultLab
from tests.faults.matrix import STEP, Matrix, Row, TimeOut
from vjepa2_bringup.node_table import NodeSpec
from vjepa2_msgs.msg import Outcome

pytestmark = pytest.mark.long

ONE_MORE = TimeOut(2 * STEP.seconds + 1.0, "that step, a plan and one more step")
TOPIC = "faulty/image_raw"
CAMERA = NodeSpec(
    module="vjepa2_camera.camera_node",
    executable="camera",
    nodes=("camera",),
    parameters={"source": "topic", "device": TOPIC},
)
HOLDS = "ends the step, holds"


@pytest.fixture(scope="module", autouse=True)
def no_other_camera(lab: FaultLab) -> None:
    """Only the cameras of the tests look."""
    lab.graph.change("simulation", Transition.TRANSITION_DEACTIVATE)


@pytest.fixture
def camera(lab: FaultLab) -> Iterator[FaultyCamera]:
    """In place of the simulation's own."""
    camera = FaultyCamera(lab.graph)
    yield camera
    camera.close()


@pytest.mark.parametrize(
    ("fault", "shown", "outcome"),
    [
        ("silent", "camera frames stop", Outcome.CAMERA_SILENT),
        ("past", f"clock jump: the camera's stamps go {JUMP:g} s back", Outcome.CAMERA_SILENT),
        ("future", f"clock jump: the camera's stamps go {JUMP:g} s ahead", Outcome.ARM_SILENT),
        ("black", "black pictures", Outcome.WORLD_MODEL_LOST),
        ("encoding", "pictures of an encoding that is not supported", Outcome.WORLD_MODEL_LOST),
    ],
)
def test_bad_pictures(
    lab: FaultLab, camera: FaultyCamera, matrix: Matrix, fault: str, shown: str, outcome: int
) -> None:
    """The step under way ends, and no other follows."""
    injected = lab.inject(lambda: setattr(camera, "fault", fault))
    assert injected.result.outcome.outcome == outcome, injected.result.message
    camera.fault = ""
    lab.works()
    recovery = "none needed: the next task, once pictures are well"
    matrix.add(Row(shown, HOLDS, injected.code, recovery, STEP, injected.told, injected.held))


def test_frozen(lab: FaultLab, camera: FaultyCamera, matrix: Matrix) -> None:
    """A frozen picture is known for one by the second look at it, after one more step at most."""
    injected = lab.inject(lambda: setattr(camera, "fault", "frozen"), ONE_MORE, commands=1)
    assert injected.result.outcome.outcome == Outcome.CAMERA_SILENT, injected.result.message
    camera.fault = ""
    lab.works()
    matrix.add(
        Row(
            "camera freezes: the same picture with new stamps",
            f"ends the step, makes one more at most ({injected.commands} here), holds",
            injected.code,
            "none needed: the next task, once pictures are well",
            ONE_MORE,
            injected.told,
            injected.held,
        )
    )


def test_killed(lab: FaultLab, matrix: Matrix) -> None:
    """The real camera node, which passes on the pictures of a topic."""
    behind = FaultyCamera(lab.graph, TOPIC)
    try:
        lab.add(CAMERA)
        injected = lab.inject(lambda: lab.kill("camera"))
        assert injected.result.outcome.outcome == Outcome.CAMERA_SILENT, injected.result.message
        lab.add(CAMERA)
        lab.works()
    finally:
        behind.close()
    matrix.add(
        Row(
            "camera node killed",
            HOLDS,
            injected.code,
            "start it anew, then the next task",
            STEP,
            injected.told,
            injected.held,
        )
    )
