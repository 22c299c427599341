"""Which features of a LeRobot data set are the arm's state and the camera."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vjepa2_data.broken_episode import BrokenEpisodeError

Features = Mapping[str, Mapping[str, Any]]
Entries = tuple[tuple[str, tuple[int, ...]], ...]

_STATE = "observation.state"
_POSE = f"{_STATE}.cartesian_position"
_GRIPPER = f"{_STATE}.gripper_position"
_NAMES = ("x", "y", "z", "roll", "pitch", "yaw", "gripper")
_ON_THE_HAND = ("wrist", "hand", "gripper")


def state_entries(features: Features) -> Entries:
    """Features, and the entries of each, that side by side are the state's 7 numbers.

    Either DROID's pair of pose and gripper, or an `observation.state` whose entries are named.
    Rotation vectors (rx, ry, rz) are not taken for Euler angles. BrokenEpisodeError names what is
    there and what is needed.
    """
    if _size(features, _POSE) == 6 and _size(features, _GRIPPER) == 1:
        return (_POSE, tuple(range(6))), (_GRIPPER, (0,))
    names = entry_names(features.get(_STATE, {}))
    if all(names.count(name) == 1 for name in _NAMES):
        return ((_STATE, tuple(names.index(name) for name in _NAMES)),)
    found = ", ".join(
        f"{name} ({', '.join(entry_names(feature)) or 'no names'})"
        for name, feature in features.items()
        if name.startswith(_STATE)
    )
    raise BrokenEpisodeError(
        "no end-effector state",
        f"found: {found or 'no feature observation.state*'}; needed: {_POSE} [6] and {_GRIPPER} "
        f"[1], or {_STATE} with entries named {', '.join(_NAMES)}",
    )


def camera_feature(features: Features, camera: str = "left") -> str:
    """The video of a view ("left", "right" or "wrist") or of this very name.

    "wrist" is the first on the hand; the others are the first elsewhere whose name holds the word,
    or else the first and the second elsewhere, as in DROID. BrokenEpisodeError names the videos.
    """
    videos = [name for name, feature in features.items() if _is_colour_video(feature)]
    exact = [name for name in videos if camera in (name, _view(name))]
    on_hand = [name for name in videos if any(word in _view(name) for word in _ON_THE_HAND)]
    elsewhere = [name for name in videos if name not in on_hand]
    alike = [name for name in elsewhere if camera in _view(name)]
    ordinal = {"wrist": on_hand[:1], "left": elsewhere[:1], "right": elsewhere[1:2]}
    for choice in (exact, alike, ordinal.get(camera, [])):
        if choice:
            return choice[0]
    hint = ""
    if not videos and any(feature.get("dtype") == "image" for feature in features.values()):
        hint = "; pictures inside the parquet files can't be read, encode them as videos"
    raise BrokenEpisodeError(f"no {camera} camera", f"videos: {', '.join(videos) or 'none'}{hint}")


def extrinsics_feature(features: Features, camera: str) -> str | None:
    """DROID's pose of a camera [6]: x y z [m], Euler angles [rad]; None where it is not there."""
    name = f"camera_extrinsics.{_view(camera)}"
    return name if _size(features, name) == 6 else None


def entry_names(feature: Mapping[str, Any]) -> list[str]:
    """Names of a feature's entries, which stand in a list or in lists by axis or motor group."""
    names = feature.get("names") or []
    groups = names.values() if isinstance(names, Mapping) else [names]
    return [str(name) for group in groups if isinstance(group, list) for name in group]


def _size(features: Features, name: str) -> int | None:
    shape = features.get(name, {}).get("shape")
    return shape[0] if isinstance(shape, list) and len(shape) == 1 else None


def _is_colour_video(feature: Mapping[str, Any]) -> bool:
    info = feature.get("info") or feature.get("video_info") or {}
    return feature.get("dtype") == "video" and not (
        info.get("is_depth_map") or info.get("video.is_depth_map")
    )


def _view(name: str) -> str:
    return name.rpartition(".")[2].lower()
