"""The collector: what lies on disk, refused seeds, going on after an interruption."""

import json
import shutil

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from vjepa2_data.episode_reader import open_episode
from vjepa2_data.index_builder import build_index
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.collect import collect, collect_episodes, main
from vjepa2_sim.collection import Collection
from vjepa2_sim.episode import Collector
from vjepa2_sim.simulated_recording import camera_pose


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Three short episodes, collected by a worker process."""
    collection = Collection(3, tmp_path_factory.mktemp("collected") / "data", 8, 32, 4)
    collect(collection)
    return collection


def test_episodes_are_read_back_as_they_were_drawn(collected):
    """The index counts them; states are exact, pictures nearly so, the camera where it stood."""
    index = build_index(collected.out, workers=1)
    assert len(index.episodes) == 3
    assert not index.skipped
    collector = Collector(collected.size)
    for number, entry in enumerate(sorted(index.episodes, key=lambda e: e.name)):
        assert entry.fps == 4.0
        assert entry.frames == 8
        drawn = collector.episode(np.random.default_rng([4, number]), 8)
        clip = open_episode(collected.out, entry).read(range(8))
        np.testing.assert_allclose(clip.states, drawn.states, atol=1e-6)
        off = np.abs(clip.frames.astype(int) - drawn.frames)
        assert off.mean() < 3
        np.testing.assert_allclose(clip.extrinsics[3], camera_pose(drawn.camera), atol=1e-6)
    collector.close()


def test_metadata_say_how_an_episode_came_about(collected):
    """Seed, number, kind, success, objects, camera and light."""
    assert json.loads((collected.out / "collection.json").read_text())["seed"] == 4
    folder = collected.folder(1)
    assert folder == collected.out / "00000" / "0000001"
    metadata = json.loads((folder / "metadata_0000001.json").read_text())
    assert (metadata["seed"], metadata["episode"]) == (4, 1)
    assert metadata["kind"] in {"random", "grasp", "push"}
    assert (metadata["success"] is None) == (metadata["kind"] == "random")
    assert {thing["name"] for thing in metadata["objects"]} <= {"cup", "box"}
    assert abs(metadata["camera_angle_deg"] - 60) <= 5
    assert metadata["light"]["intensity"] == pytest.approx(1, abs=0.15)


def test_fingers_alone(tmp_path):
    """Their collection is another one: its episodes have objects, and it says so."""
    collection = Collection(2, tmp_path, 8, 32, 4, motion="fingers")
    assert collect_episodes(collection, [0, 1]) == 16
    for number in (0, 1):
        path = collection.folder(number) / f"metadata_{number:07d}.json"
        metadata = json.loads(path.read_text())
        assert metadata["kind"] == "fingers"
        assert metadata["success"] is None
        assert metadata["objects"]
    collection.begin()
    assert json.loads((tmp_path / "collection.json").read_text())["motion"] == "fingers"
    with pytest.raises(ValueError, match="other settings"):
        Collection(2, tmp_path, 8, 32, 4).begin()
    with pytest.raises(ValueError, match=r"motion 'dance': use one of mixed, fingers"):
        Collection(2, tmp_path, motion="dance")


def test_an_interrupted_collection_goes_on(collected, tmp_path):
    """Only what is missing is collected, and it is the same as before."""
    out = tmp_path / "data"
    shutil.copytree(collected.out, out)
    collection = Collection(3, out, 8, 32, 4)
    kept, lost = collection.folder(0) / "trajectory.h5", collection.folder(2)
    stamp = kept.stat().st_mtime_ns
    shutil.rmtree(lost)
    lost.with_name(f"{lost.name}.partial").mkdir()
    assert collection.missing() == [2]
    assert collect_episodes(collection, collection.missing()) == 8
    assert collection.missing() == []
    assert kept.stat().st_mtime_ns == stamp
    before, after = (
        open_episode(root, next(e for e in build_index(root, workers=1).episodes if "2" in e.name))
        for root in (collected.out, out)
    )
    first, again = before.read(range(8)), after.read(range(8))
    assert first.states.tobytes() == again.states.tobytes()
    # Equal wherever it was tried, but for a few grey levels once in a long run; why is unknown.
    assert np.abs(first.frames.astype(int) - again.frames).mean() < 0.5


def test_other_settings_in_the_same_folder_are_refused(collected):
    """Episodes of two kinds never mix unnoticed."""
    with pytest.raises(ValueError, match="other settings"):
        collect(Collection(3, collected.out, 8, 32, seed=5))


def test_a_fault_calls_off_what_has_not_begun(tmp_path):
    """Where nothing can be written, not every episode is simulated first."""
    collection = Collection(200, tmp_path, 1, 32, 4)
    collection.folder(0).parent.write_text("in the way")
    with pytest.raises(OSError, match="can't write episode"):
        collect(collection)
    assert not collection.folder(199).parent.exists()


def test_workers_must_be_some(tmp_path, capsys):
    """Said in the words of the option."""
    with pytest.raises(SystemExit):
        main(["--episodes", "1", "--workers", "0", "--out", str(tmp_path / "data")])
    assert "--workers must be at least 1" in capsys.readouterr().err


@pytest.mark.parametrize("seed", [-1, 100_000])
def test_evaluation_seeds_are_refused(tmp_path, seed, capsys):
    """The seeds kept for evaluation never become training data."""
    with pytest.raises(SystemExit):
        main(["--episodes", "1", "--seed", str(seed), "--out", str(tmp_path / "data")])
    assert "evaluation" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("wrong", [{"episodes": 0}, {"size": 33}])
def test_impossible_settings_are_refused(tmp_path, wrong):
    """No episodes, and pictures that no video can hold."""
    with pytest.raises(ValueError, match=r"at least 1|odd"):
        Collection(**({"episodes": 1, "out": tmp_path} | wrong))


def test_the_camera_looks_along_its_z_axis():
    """x right, y down, z forward, as DROID's calibrations have it."""
    placement = CameraPlacement()
    pose = camera_pose(placement)
    turn = Rotation.from_euler("xyz", pose[3:])
    ahead = pose[:3] + placement.distance_m * turn.apply([0, 0, 1])
    np.testing.assert_allclose(ahead, placement.look_at, atol=1e-9)
    right, down = turn.apply([1, 0, 0]), turn.apply([0, 1, 0])
    middle = placement.project([np.array(placement.look_at)])[0]
    beside, below = placement.project(np.array(placement.look_at) + 0.1 * np.stack([right, down]))
    assert beside[0] > middle[0]
    assert below[1] > middle[1]
