"""What goes with a preset, for a world model and for a policy."""

from vjepa2_planner import preset
from vjepa2_sim.object_world_model import ObjectWorldModel
from vjepa2_sim.open_world_model import open_world_model
from vjepa2_sim.planner_for import finger_check_for


def test_fingers_are_checked_where_the_preset_says_so() -> None:
    """But for a policy: it moves them in every step, and the arm would rest in each."""
    policy, _ = open_world_model("policy")
    check = finger_check_for(ObjectWorldModel(), "demo_tasks")
    assert check is not None
    assert check.settings == preset("demo_tasks").finger_settings()
    assert finger_check_for(ObjectWorldModel(), "demo_sim") is None
    assert finger_check_for(policy, "demo_tasks") is None
