"""Contact physics of the hand and the objects: rest, push, grasp, drop, held fingers."""

import numpy as np
import pytest

from vjepa2_sim.contact_driver import ContactDriver
from vjepa2_sim.object_state import object_state
from vjepa2_sim.scene import HAND_DOWN
from vjepa2_sim.table_objects import BOX, CUP, draw_objects


@pytest.fixture(scope="module")
def contact():
    """One driver for all tests."""
    return ContactDriver()


def put(contact, thing, x, y, z, closedness):
    """Hand at a place relative to the object's foot, object on the table."""
    hand = np.array(thing.position) * [1, 1, 0] + [x, y, z]
    contact.reset([np.array([*hand, *HAND_DOWN, closedness])])
    contact.put((thing,))


def go(contact, *shift, grip=0.0, times=1):
    """The same step several times."""
    for _ in range(times):
        contact.execute([*shift, 0, 0, 0, grip])


def grasp_and_lift(contact, thing, grip_height):
    """Straight down on the object, closed, up by 12 cm."""
    put(contact, thing, 0, 0, grip_height + 0.14, 0.0)
    go(contact, 0, 0, -0.07, times=2)
    go(contact, 0, 0, 0, grip=0.5, times=2)
    go(contact, 0, 0, 0.06, times=2)


@pytest.mark.parametrize("seed", range(3))
def test_objects_rest_on_the_table(contact, seed):
    """Drawn objects stay where they are put while the hand moves elsewhere."""
    objects = draw_objects(np.random.default_rng(seed), ("cup", "box"))
    contact.reset([np.array([0.4, 0.0, 0.35, *HAND_DOWN, 0.0])])
    contact.put(objects)
    go(contact, 0.02, 0.02, 0.01, times=4)
    for thing in objects:
        np.testing.assert_allclose(contact.position_of(thing.name), thing.position, atol=1e-3)


def test_objects_that_are_away_are_out_of_sight(contact):
    """Behind the arm, where no picture reaches."""
    contact.reset([np.array([0.4, 0.0, 0.35, *HAND_DOWN, 0.0])])
    assert contact.position_of("cup")[0] < -2
    assert contact.position_of("box")[0] < -2


@pytest.mark.parametrize(("thing", "height"), [(BOX, 0.02), (CUP, 0.065)])
def test_a_grasp_lifts_and_carries(contact, thing, height):
    """The object rises with the hand, keeps the fingers apart, and stays held on the way."""
    grasp_and_lift(contact, thing, height)
    assert contact.position_of(thing.name)[2] > thing.position[2] + 0.11
    width = 2 * thing.size[0]
    assert contact.pose[6] == pytest.approx(1 - width / 0.08, abs=0.04)
    before = contact.position_of(thing.name) - contact.pose[:3]
    go(contact, 0.06, -0.06, 0.02, times=2)
    after = contact.position_of(thing.name) - contact.pose[:3]
    np.testing.assert_allclose(after, before, atol=0.01)


@pytest.mark.parametrize("thing", [BOX, CUP])
def test_fingers_that_should_just_touch_grasp(contact, thing):
    """The closedness of a picture in which an object is held is that of fingers without force."""
    put(contact, thing, 0, 0, thing.half_height + 0.02, 0.0)
    go(contact, 0, 0, 0, grip=0.95 - 2 * thing.size[0] / 0.08)
    go(contact, 0, 0, 0.06, times=2)
    assert contact.position_of(thing.name)[2] > thing.position[2] + 0.11


def test_fingers_that_feel_nothing_stay_as_far_apart_as_asked(contact):
    """Closing on air leaves the fingers where they were sent."""
    contact.reset([np.array([0.45, 0.05, 0.30, *HAND_DOWN, 0.0])])
    go(contact, 0, 0, 0, grip=0.3)
    assert contact.pose[6] == pytest.approx(0.3, abs=0.03)


def test_opened_fingers_drop_the_object(contact):
    """It falls onto the table within a step or two."""
    grasp_and_lift(contact, BOX, 0.02)
    go(contact, 0, 0, 0, grip=-0.5, times=3)
    assert contact.position_of("box")[2] < 0.04
    assert contact.pose[6] < 0.05


def test_a_grasp_beside_the_object_fails(contact):
    """Fingers that close on air close fully, and nothing is lifted."""
    put(contact, BOX, 0, 0.08, 0.16, 0.0)
    go(contact, 0, 0, -0.07, times=2)
    go(contact, 0, 0, 0, grip=0.5, times=2)
    go(contact, 0, 0, 0.06, times=2)
    assert contact.position_of("box")[2] == pytest.approx(BOX.position[2], abs=2e-3)
    assert contact.pose[6] > 0.95


def test_a_push_moves_the_object(contact):
    """Closed fingers that pass through where the box stands shove it ahead."""
    put(contact, BOX, -0.12, 0, 0.03, 1.0)
    go(contact, 0.06, 0, 0, times=3)
    moved = contact.position_of("box") - BOX.position
    assert moved[0] > 0.05
    assert abs(moved[2]) < 0.01


def test_a_descent_onto_an_object_ends_there(contact):
    """Closed fingers over the box come to a halt on it, and neither is pressed into the other."""
    put(contact, BOX, 0, 0, 0.10, 1.0)
    go(contact, 0, 0, -0.07, times=2)
    assert 0.04 < contact.pose[2] < 0.06
    assert contact.position_of("box")[2] > BOX.position[2] - 0.004


def test_the_arm_goes_exactly_where_it_is_sent(contact):
    """Physics moves fingers and objects, never the arm."""
    contact.reset([np.array([0.45, 0.05, 0.30, *HAND_DOWN, 0.0])])
    for shift in np.random.default_rng(0).uniform(-0.05, 0.05, (6, 3)):
        start = contact.pose
        go(contact, *shift)
        np.testing.assert_allclose(contact.pose[:3] - start[:3], shift, atol=1e-4)


@pytest.mark.parametrize("aside", [-0.003, 0.0, 0.004])
def test_a_cup_stays_where_it_is_let_go(contact, aside):
    """It does not hang from a finger, even if it was gripped and put down a little askew."""
    put(contact, CUP, 0, aside, 0.065 + 0.07, 0.0)
    go(contact, 0, 0, -0.07)
    go(contact, 0, 0, 0, grip=0.75)
    go(contact, 0, 0, 0.06)
    go(contact, 0.01, 0, -0.058)
    go(contact, 0, 0, 0, grip=-0.75, times=2)
    state = object_state(contact.model, contact.data, "cup")
    assert not state.touched
    np.testing.assert_allclose(state.position, np.add(CUP.position, [0.01, 0, 0]), atol=5e-3)
