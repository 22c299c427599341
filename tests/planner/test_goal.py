"""Goals given as images."""

import numpy as np
import pytest

from vjepa2_planner import encode_goal


def test_a_goal_like_the_live_view_is_encoded(make_world_model, make_arm):
    """The latent is that of the one image."""
    arm = make_arm()
    goal = arm.pose + 0.1
    latent = encode_goal(make_world_model(), goal, arm)
    np.testing.assert_allclose(latent.numpy(), goal[None], rtol=1e-6)


def test_a_goal_of_another_resolution_is_refused(make_world_model, make_arm):
    """The error has both shapes, and nothing moved."""
    arm = make_arm()
    with pytest.raises(ValueError, match=r"\[6\].*\[7\]"):
        encode_goal(make_world_model(), arm.pose[:6], arm)
    assert arm.motions == 0
