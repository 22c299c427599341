"""What goes with a preset, for a world model and for a policy."""

from vjepa2_sim.object_world_model import ObjectWorldModel
from vjepa2_sim.open_world_model import open_world_model
from vjepa2_sim.planner_for import checks_fingers


def test_fingers_are_checked_where_the_preset_says_so() -> None:
    """But for a policy: it moves them in every step, and the arm would rest in each."""
    policy, _ = open_world_model("policy")
    assert checks_fingers(ObjectWorldModel(), "demo_tasks")
    assert not checks_fingers(ObjectWorldModel(), "demo_sim")
    assert not checks_fingers(policy, "demo_tasks")
