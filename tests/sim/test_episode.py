"""Simulated episodes: drawn from their seed alone, pictures and states of the same moments."""

import itertools

import numpy as np
import pytest

from vjepa2_robot.poses import delta_between
from vjepa2_sim.episode import Collector
from vjepa2_sim.random_motion import MAX_STEP_M
from vjepa2_sim.workspace import INTERACTION_WORKSPACE

FRAMES = 14


@pytest.fixture(scope="module")
def collector():
    """One collector: to build its scene takes a second."""
    collector = Collector(64)
    yield collector
    collector.close()


@pytest.fixture(scope="module")
def episodes(collector):
    """A dozen episodes of all kinds."""
    return [collector.episode(np.random.default_rng([7, k]), FRAMES) for k in range(12)]


def test_an_episode_depends_on_its_seed_alone(collector, episodes):
    """Same seed, same bytes, after other episodes and from another collector; not so another."""
    other = Collector(64)
    for number in (3, 1):
        for again in (collector, other):
            episode = again.episode(np.random.default_rng([7, number]), FRAMES)
            assert episode.frames.tobytes() == episodes[number].frames.tobytes()
            assert episode.states.tobytes() == episodes[number].states.tobytes()
            assert episode.camera == episodes[number].camera
            assert episode.objects == episodes[number].objects
    other.close()
    assert episodes[0].frames.tobytes() != episodes[1].frames.tobytes()


def test_states_and_steps_are_within_bounds(episodes):
    """Shapes and types; workspace; at most 7.5 cm per axis and hardly any rotation a step."""
    for episode in episodes:
        assert episode.frames.shape == (FRAMES, 64, 64, 3)
        assert episode.frames.dtype == np.uint8
        assert episode.states.shape == (FRAMES, 7)
        assert episode.states.dtype == np.float32
        assert np.all(episode.states[:, :3] > np.array(INTERACTION_WORKSPACE.lower) - 1e-3)
        assert np.all(episode.states[:, :3] < np.array(INTERACTION_WORKSPACE.upper) + 1e-3)
        assert np.all((episode.states[:, 6] >= 0) & (episode.states[:, 6] <= 1))
        assert abs(episode.camera.angle_deg - 60) <= 5
        for before, after in itertools.pairwise(episode.states):
            delta = delta_between(before, after)
            assert np.all(np.abs(delta[:3]) < MAX_STEP_M + 1e-3)
            np.testing.assert_allclose(delta[3:6], 0.0, atol=0.01)


def test_motions_and_tables_vary(episodes):
    """Random and scripted motions, and tables with and without objects, in a dozen episodes."""
    assert {"random", "grasp"} <= {episode.kind for episode in episodes}
    assert len({tuple(o.name for o in episode.objects) for episode in episodes}) >= 3
    assert all((episode.success is None) == (episode.kind == "random") for episode in episodes)
    assert any(episode.success and episode.kind == "grasp" for episode in episodes)


def test_a_picture_shows_the_arm_and_the_objects_where_the_numbers_say(collector, episodes):
    """Each object's colour is seen at its projected place, unless the arm hides it."""
    seen = total = 0
    for episode in episodes:
        for thing in episode.objects:
            column, row = (episode.camera.project([thing.position])[0] * 64).astype(int)
            pixel = episode.frames[0, row, column].astype(float)
            colour = np.array(thing.rgba[:3])
            seen += float(pixel @ colour / np.linalg.norm(pixel) / np.linalg.norm(colour) > 0.97)
            total += 1
    assert total >= 8
    assert seen > 0.7 * total


def test_a_held_object_moves_with_the_hand_in_states_and_pictures(episodes):
    """In the frames in which it is up, it is between the fingers, and they are apart."""
    lifted = 0
    for episode in episodes:
        for name, path in episode.paths.items():
            up = path[:, 2] > path[0, 2] + 0.04
            if episode.kind != "grasp" or not up.any():
                continue
            held = int(np.flatnonzero(up)[0])
            assert np.linalg.norm(path[held, :2] - episode.states[held, :2]) < 0.03, name
            assert 0.05 < episode.states[held, 6] < 0.7
            lifted += 1
    assert lifted
