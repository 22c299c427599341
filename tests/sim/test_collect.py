"""The collector's data."""

import itertools
import json

import numpy as np
import pytest

from vjepa2_robot.poses import delta_between
from vjepa2_sim.collect import Collection, Collector, collect, collect_shard, main
from vjepa2_sim.random_motion import MAX_STEP_M
from vjepa2_sim.workspace import COLLECTION_WORKSPACE


def test_an_episode_depends_on_its_seed_alone():
    """Same seed, same bytes, also from a collector that has done other things; not so another."""
    first, second = Collector(64), Collector(64)
    second.episode(np.random.default_rng(9), 3)
    images, states, camera = first.episode(np.random.default_rng([1, 2]), 5)
    again, again_states, again_camera = second.episode(np.random.default_rng([1, 2]), 5)
    assert images.tobytes() == again.tobytes()
    assert states.tobytes() == again_states.tobytes()
    assert camera == again_camera
    other, _, _ = second.episode(np.random.default_rng([1, 3]), 5)
    assert images.tobytes() != other.tobytes()


def test_shards_hold_what_the_format_says(tmp_path):
    """Shapes, types, bounds of states and steps, camera angle; no pickled objects; meta.json."""
    collect(Collection(episodes=3, out=tmp_path, frames=6, size=32, seed=4))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["episodes_00000.npz", "meta.json"]
    assert json.loads((tmp_path / "meta.json").read_text())["seed"] == 4
    with np.load(tmp_path / "episodes_00000.npz", allow_pickle=False) as shard:
        frames, states, angles = shard["frames"], shard["states"], shard["camera_angle"]
        assert shard["episode"].tolist() == [0, 1, 2]
    assert frames.shape == (3, 6, 32, 32, 3)
    assert frames.dtype == np.uint8
    assert states.shape == (3, 6, 7)
    assert states.dtype == np.float32
    assert np.all(np.abs(angles - 60) <= 5)
    positions = states[..., :3].reshape(-1, 3)
    box = COLLECTION_WORKSPACE
    assert np.all(positions > np.array(box.lower) - 1e-4)
    assert np.all(positions < np.array(box.upper) + 1e-4)
    assert np.all((states[..., 6] >= 0) & (states[..., 6] <= 1))
    for path in states:
        for before, after in itertools.pairwise(path):
            delta = delta_between(before, after)
            assert np.all(np.abs(delta[:3]) < MAX_STEP_M + 1e-4)
            np.testing.assert_allclose(delta[3:6], 0.0, atol=1e-4)
    assert len(np.unique(positions, axis=0)) > 10


def test_a_shard_is_the_same_whoever_collects_it(tmp_path):
    """An episode has the same content in any division of the work."""
    whole, part = tmp_path / "whole", tmp_path / "part"
    for folder in (whole, part):
        folder.mkdir()
    collect_shard(Collection(3, whole, frames=3, size=32), 0, 3)
    collect_shard(Collection(3, part, frames=3, size=32), 2, 3)
    with (
        np.load(whole / "episodes_00000.npz") as a,
        np.load(part / "episodes_00000.npz") as b,
    ):
        np.testing.assert_array_equal(a["frames"][2], b["frames"][0])
        np.testing.assert_array_equal(a["states"][2], b["states"][0])


@pytest.mark.parametrize("seed", [-1, 100_000])
def test_evaluation_seeds_are_refused(tmp_path, seed, capsys):
    """The seeds kept for evaluation never become training data."""
    with pytest.raises(SystemExit):
        main(["--episodes", "1", "--seed", str(seed), "--out", str(tmp_path / "data")])
    assert "evaluation" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
