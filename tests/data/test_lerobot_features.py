"""Which features of a LeRobot data set are the state and the camera."""

from __future__ import annotations

from typing import Any

import pytest

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.lerobot_features import camera_feature, extrinsics_feature, state_entries

NAMED = ["x", "y", "z", "roll", "pitch", "yaw", "gripper"]


def feature(size: int, names: Any = None) -> dict[str, Any]:
    return {"dtype": "float32", "shape": [size], "names": names}


def video(**info: Any) -> dict[str, Any]:
    return {"dtype": "video", "shape": [180, 320, 3], "info": info}


DROID = {
    "observation.state.gripper_position": feature(1),
    "observation.state.cartesian_position": feature(6),
    "observation.state": feature(8, {"axes": [*(f"joint_{i}" for i in range(7)), "gripper"]}),
    "observation.images.wrist_left": video(),
    "observation.images.exterior_1_left": video(),
    "observation.images.exterior_2_left": video(),
    "camera_extrinsics.exterior_1_left": feature(6),
}


def test_droids_pose_and_gripper_are_the_state() -> None:
    """The official conversion of DROID keeps joints in observation.state, and the pose apart."""
    pose, gripper = state_entries(DROID)
    assert pose == ("observation.state.cartesian_position", (0, 1, 2, 3, 4, 5))
    assert gripper == ("observation.state.gripper_position", (0,))


@pytest.mark.parametrize("names", [NAMED, {"axes": NAMED}, {"motors": NAMED}])
def test_named_entries_are_the_state(names: Any) -> None:
    """Names may stand in a list, or in lists by group."""
    features = {"observation.state": feature(7, names)}
    assert state_entries(features) == (("observation.state", tuple(range(7))),)


def test_entries_are_found_in_any_order_among_others() -> None:
    """A joint more in between does no harm."""
    names = ["gripper", "joint_0", *NAMED[:6]]
    ((_, entries),) = state_entries({"observation.state": feature(8, names)})
    assert entries == (2, 3, 4, 5, 6, 7, 0)


@pytest.mark.parametrize(
    "names",
    [
        [f"joint_{i}" for i in range(7)],
        ["x", "y", "z", "rx", "ry", "rz", "gripper"],
        [*NAMED, "gripper"],
        None,
    ],
)
def test_another_state_is_refused_with_what_is_there_and_what_is_needed(names: Any) -> None:
    """Joints, rotation vectors, two grippers, no names: none can be taken for a pose."""
    features = {"observation.state": feature(7, names), "action": feature(7)}
    with pytest.raises(BrokenEpisodeError, match="no end-effector state") as fault:
        state_entries(features)
    assert f"observation.state ({', '.join(names) if names else 'no names'})" in str(fault.value)
    assert "needed: observation.state.cartesian_position [6] and" in str(fault.value)
    assert "x, y, z, roll, pitch, yaw, gripper" in str(fault.value)


@pytest.mark.parametrize(
    ("camera", "expected"),
    [
        ("left", "exterior_1_left"),
        ("right", "exterior_2_left"),
        ("wrist", "wrist_left"),
        ("exterior_2_left", "exterior_2_left"),
        ("observation.images.exterior_2_left", "exterior_2_left"),
    ],
)
def test_droids_views_are_found(camera: str, expected: str) -> None:
    """Left and right are the two exterior cameras, as in DROID's own metadata."""
    assert camera_feature(DROID, camera) == f"observation.images.{expected}"


def test_names_that_tell_the_side_are_followed() -> None:
    """A camera called left is the left one wherever it stands; depth is no picture."""
    features = {
        "observation.images.cam_right": video(),
        "observation.images.depth_left": video(**{"video.is_depth_map": True}),
        "observation.images.cam_left": video(),
    }
    assert camera_feature(features, "left") == "observation.images.cam_left"
    assert camera_feature(features, "right") == "observation.images.cam_right"


def test_a_camera_that_is_not_there_is_refused_with_those_that_are() -> None:
    """Also where the pictures are not videos at all."""
    with pytest.raises(BrokenEpisodeError, match=r"no top camera: videos: .*wrist_left, "):
        camera_feature(DROID, "top")
    with pytest.raises(BrokenEpisodeError, match="encode them as videos"):
        camera_feature({"observation.images.image": {"dtype": "image"}})


def test_extrinsics_belong_to_the_camera() -> None:
    """Only the camera that has a pose gets one."""
    name = extrinsics_feature(DROID, "observation.images.exterior_1_left")
    assert name == "camera_extrinsics.exterior_1_left"
    assert extrinsics_feature(DROID, "observation.images.wrist_left") is None
