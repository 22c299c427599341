"""What can't be an episode is refused before anything is written."""

import numpy as np
import pytest

from vjepa2_data import Recording

GOOD = {
    "frames": np.zeros((3, 8, 8, 3), np.uint8),
    "states": np.zeros((3, 7)),
    "fps": 4.0,
    "extrinsics": np.zeros((3, 6)),
}


def test_a_good_recording_is_taken():
    """With and without extrinsics."""
    Recording(**GOOD)
    Recording(**(GOOD | {"extrinsics": None}))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"frames": np.zeros((3, 8, 8, 3))}, "frames are float64"),
        ({"frames": np.zeros((3, 8, 8), np.uint8)}, "frames are uint8"),
        ({"frames": np.zeros((0, 8, 8, 3), np.uint8)}, "frames are uint8"),
        ({"frames": np.zeros((3, 7, 8, 3), np.uint8)}, "even edges"),
        ({"states": np.zeros((4, 7))}, "states are"),
        ({"states": np.zeros((3, 6))}, "states are"),
        ({"states": np.zeros((3, 7), np.int64)}, "states are int64"),
        ({"states": np.full((3, 7), np.nan)}, "states at step 0 are not finite"),
        ({"extrinsics": np.zeros((3, 7))}, "extrinsics are"),
        ({"extrinsics": np.full((3, 6), np.inf)}, "extrinsics at step 0"),
        ({"fps": 0.0}, "fps is 0.0"),
        ({"fps": float("nan")}, "fps is nan"),
        ({"camera": "../left"}, "camera"),
        ({"camera": ""}, "camera"),
    ],
)
def test_a_bad_one_is_refused_by_name(wrong, named):
    """The message says which part, and what it is."""
    with pytest.raises(ValueError, match=named):
        Recording(**(GOOD | wrong))
