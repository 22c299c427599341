"""The objects drawn for an episode."""

import numpy as np
import pytest

from vjepa2_sim.contact_driver import ContactDriver
from vjepa2_sim.scene import TableScene
from vjepa2_sim.table_objects import clear_of, draw_objects


def test_drawn_objects_fit_the_hand_and_stand_apart():
    """Each is narrower than the open hand, on the table, and clear of the other."""
    for seed in range(50):
        cup, box = draw_objects(np.random.default_rng(seed), ("cup", "box"))
        assert 2 * cup.size[0] < 0.075
        assert 2 * max(box.size[:2]) < 0.065
        assert cup.position[2] == cup.half_height
        assert box.position[2] == box.half_height
        assert clear_of(cup.position, (box,))


def test_a_changed_object_is_as_if_compiled_so():
    """Size, mass, inertia and bounds put into a scene equal those that MuJoCo compiles."""
    objects = draw_objects(np.random.default_rng(5), ("cup", "box"))
    driver = ContactDriver()
    driver.put(objects)
    sim, _ = TableScene(objects=objects).build()
    sim.init()
    sim.start()
    for thing in objects:
        for name in (f"{thing.name}_body", *([f"{thing.name}_opening"] * (thing.shape == "cup"))):
            ours, theirs = driver.model.geom(name), sim.model.geom(name)
            for field in ("size", "rbound", "rgba", "pos"):
                got, want = getattr(ours, field), getattr(theirs, field)
                np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6, err_msg=field)
        ours, theirs = driver.model.body(thing.name), sim.model.body(thing.name)
        np.testing.assert_allclose(ours.mass, theirs.mass)
        np.testing.assert_allclose(np.sort(ours.inertia), np.sort(theirs.inertia), rtol=1e-6)
        place = sim.data.joint(f"{thing.name}_joint").qpos
        np.testing.assert_allclose(driver.position_of(thing.name), place[:3], atol=2e-3)


@pytest.mark.parametrize(("place", "clear"), [((0.5, 0.1, 0.05), False), ((0.5, 0.1, 0.3), True)])
def test_a_high_hand_is_clear_of_everything(place, clear):
    """Only a low hand can touch what stands on the table."""
    (cup,) = draw_objects(np.random.default_rng(0), ("cup",))
    moved = np.array([*cup.position[:2], place[2]])
    assert clear_of(moved, (cup,)) is clear
