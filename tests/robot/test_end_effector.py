"""The transform between the robot's tool centre point and the model's end-effector frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_robot.end_effector import EndEffectorFrame
from vjepa2_robot.poses import apply_delta, delta_between, rotation


def triples(bound: float) -> st.SearchStrategy[tuple[float, float, float]]:
    return st.tuples(*[st.floats(-bound, bound)] * 3)


frames = st.builds(EndEffectorFrame, triples(0.3), triples(np.pi))
poses = st.builds(lambda p, a: np.array([*p, *a, 0.3]), triples(1.0), triples(np.pi))


def matrix(pose: np.ndarray) -> np.ndarray:
    result = np.eye(4)
    result[:3, :3] = rotation(pose).as_matrix()
    result[:3, 3] = pose[:3]
    return result


@given(frames, poses)
def test_there_and_back(frame: EndEffectorFrame, pose: np.ndarray) -> None:
    """to_tcp undoes from_tcp."""
    np.testing.assert_allclose(matrix(frame.to_tcp(frame.from_tcp(pose))), matrix(pose), atol=1e-6)


@given(frames, poses)
def test_model_frame_is_fixed_to_the_tool(frame: EndEffectorFrame, pose: np.ndarray) -> None:
    """The model's pose is the tool's pose times the fixed transform."""
    fixed = matrix(np.array([*frame.translation, *frame.angles, 0]))
    np.testing.assert_allclose(matrix(frame.from_tcp(pose)), matrix(pose) @ fixed, atol=1e-6)


@given(frames, poses, triples(0.1), triples(0.1))
def test_delta_is_one_of_the_models_frame(
    frame: EndEffectorFrame,
    tool: np.ndarray,
    shift: tuple[float, float, float],
    turn: tuple[float, float, float],
) -> None:
    """The tool pose found for a delta moves the model's frame by that delta in the base frame."""
    start = frame.from_tcp(tool)
    wanted = np.array([*shift, *turn, 0.0])
    end = frame.from_tcp(frame.to_tcp(apply_delta(start, wanted)))
    achieved = delta_between(start, end)
    np.testing.assert_allclose(achieved[:3], wanted[:3], atol=1e-7)
    assert (rotation(achieved) * rotation(wanted).inv()).magnitude() < 1e-6


@given(frames, poses, poses)
def test_frame_given_from_the_flange(
    frame: EndEffectorFrame, flange_to_tcp: np.ndarray, flange: np.ndarray
) -> None:
    """A transform from the flange puts the frame at the same place, whatever the tool is."""
    from_flange = EndEffectorFrame(frame.translation, frame.angles, relative_to="flange")
    tool = matrix(flange_to_tcp)
    resolved = from_flange.relative_to_tcp(tool)
    fixed = matrix(np.array([*frame.translation, *frame.angles, 0]))
    ours = matrix(np.array([*resolved.translation, *resolved.angles, 0]))
    np.testing.assert_allclose(matrix(flange) @ tool @ ours, matrix(flange) @ fixed, atol=1e-6)


def test_bad_frames_are_errors() -> None:
    """Errors name the field."""
    with pytest.raises(ValueError, match="translation"):
        EndEffectorFrame(translation=(0.0, float("nan"), 0.0))
    with pytest.raises(ValueError, match="relative_to"):
        EndEffectorFrame(relative_to="wrist")  # type: ignore[arg-type]
