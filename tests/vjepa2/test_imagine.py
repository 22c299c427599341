"""`vjepa2 imagine`: rollouts, their errors, their strips."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from vjepa2.imagine import main
from vjepa2.imagine_input import recorded
from vjepa2.imagine_rollout import horizon_errors, imagine, with_gripper
from vjepa2.trajectory import Trajectory
from vjepa2_data import Recording, write_episode
from vjepa2_models import WorldModel, save_world_model
from vjepa2_models.frame_decoder import FrameDecoder, FrameDecoderDimensions
from vjepa2_models.frame_decoder_file import hash_encoder, save_frame_decoder
from vjepa2_poses import actions_from_states

LENGTH = 16


@pytest.fixture
def states() -> torch.Tensor:
    moving = torch.linspace(0, 0.1, LENGTH)[:, None]
    return torch.tensor([0.4, 0.0, 0.3, 3.1, 0.0, 0.0, 0.6]) + moving * torch.eye(7)[0]


@pytest.fixture
def data(tmp_path: Path, states: torch.Tensor) -> Path:
    """A data set of one episode, at 8 frames a second."""
    frames = np.random.default_rng(0).integers(0, 256, (LENGTH, 64, 64, 3), np.uint8)
    write_episode(
        Recording(frames, states.double().numpy(), fps=8.0), tmp_path / "data" / "episode"
    )
    return tmp_path / "data"


@pytest.fixture
def options(
    golden_paths: tuple[Path, Path], world_model: WorldModel, tmp_path: Path
) -> tuple[str, ...]:
    """The small golden model, with a decoder that learned nothing."""
    sizes = FrameDecoderDimensions(embed_dim=24, depth=1, num_heads=2)
    path = tmp_path / "decoder.safetensors"
    decoder = FrameDecoder(sizes, world_model.dimensions)
    save_frame_decoder(decoder, hash_encoder(world_model.encoder), path)
    checkpoint, config = map(str, golden_paths)
    model = ("--weights", checkpoint, "--config", config, "--device", "cpu")
    return (*model, "--decoder", str(path))


def test_rollout_is_the_predictor_fed_with_itself(
    world_model: WorldModel, golden: dict[str, torch.Tensor], states: torch.Tensor
) -> None:
    """The same as predictions one after the other; the first frame is the real one."""
    context = golden["features"][:1]
    imagined = imagine(world_model, context, states[:4])
    actions = actions_from_states(states[:4])
    frames = context[None]
    for step in range(3):
        known = slice(0, step + 1)
        following = world_model.predict(frames, actions[None, known], states[None, known])
        frames = torch.cat([frames, following[:, -1:]], dim=1)
    torch.testing.assert_close(imagined, frames[0], atol=1e-5, rtol=0)


def test_errors_are_against_reality_and_against_copying() -> None:
    """Zero for a perfect imagination; copying is off by what changed."""
    real = torch.arange(3.0)[:, None, None].expand(3, 2, 4)
    errors = horizon_errors(real, real)
    assert [(e.horizon, e.imagined, e.copied) for e in errors] == [(1, 0.0, 1.0), (2, 0.0, 2.0)]


def test_gripper_acts_from_the_first_step_on(states: torch.Tensor) -> None:
    """The first state stays, the motion of the hand stays, the recording stays."""
    motion = Trajectory(np.zeros((LENGTH, 4, 4, 3), np.uint8), states, "motion")
    opened = with_gripper(motion, 0.0)
    assert torch.equal(opened[0], states[0]) and not opened[1:, 6].any()
    assert torch.equal(opened[:, :6], states[:, :6]) and bool((motion.states[:, 6] > 0.5).all())


def test_strips_and_table_of_a_recorded_episode(
    data: Path, options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both pictures and the errors by horizon, at 4 frames a second."""
    out = tmp_path / "out"
    main([*options, "--data", str(data), "--steps", "2", "--gripper-pair", "--out", str(out)])
    with (out / "imagine.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["horizon"] for row in rows] == ["1", "2"]
    assert all(float(row["imagined_error"]) > 0 for row in rows)
    assert sorted(path.name for path in out.iterdir()) == [
        "gripper_pair.png",
        "imagine.csv",
        "imagine.png",
    ]
    assert Image.open(out / "imagine.png").height > Image.open(out / "gripper_pair.png").height
    assert "imagined" in capsys.readouterr().out


def test_part_of_an_episode(data: Path, states: torch.Tensor) -> None:
    """Every second frame of a video at 8 fps; what is not there is named."""
    motion = recorded(data, None, 1, 8)
    torch.testing.assert_close(motion.states[:, :3], states[2::2, :3])
    assert motion.frames.shape == (7, 64, 64, 3)
    with pytest.raises(ValueError, match="no step is left from frame 7 on"):
        recorded(data, None, 7, 8)
    with pytest.raises(ValueError, match="no episode 'other'"):
        recorded(data, "other", 0, 8)


def test_weights_that_know_where_the_camera_is(
    options: tuple[str, ...], world_model: WorldModel, states: torch.Tensor, tmp_path: Path
) -> None:
    """Its pose is the recorded one, or is given beside a file without it."""
    acting = replace(world_model.dimensions.ac_predictor, use_extrinsics=True)
    model = WorldModel(replace(world_model.dimensions, ac_predictor=acting))
    model.encoder.load_state_dict(world_model.encoder.state_dict())  # which the decoder is of
    save_world_model(model, tmp_path / "model.safetensors")
    given = ["--weights", str(tmp_path / "model.safetensors"), *options[-4:], "--steps", "2"]
    given += ["--out", str(tmp_path / "out")]
    frames = np.zeros((LENGTH, 64, 64, 3), np.uint8)
    poses = np.full((LENGTH, 6), 0.5)
    recording = Recording(frames, states.double().numpy(), fps=4.0, extrinsics=poses)
    write_episode(recording, tmp_path / "posed" / "episode")
    main([*given, "--data", str(tmp_path / "posed"), "--gripper-pair"])
    npz = tmp_path / "motion.npz"
    np.savez(npz, observations=frames[None, :3], states=states[None, :3].numpy())
    with pytest.raises(ValueError, match=r"motion\.npz: .*need the camera's pose; give it with"):
        main([*given, "--npz", str(npz)])
    main([*given, "--npz", str(npz), "--extrinsics", "0.5 0.5 0.5 0 0 1"])
    assert (tmp_path / "out" / "imagine.png").is_file()


def test_simulated_episode(options: tuple[str, ...], tmp_path: Path) -> None:
    """A seed of the simulator is enough."""
    main([*options, "--seed", "100000", "--start", "1", "--steps", "1", "--out", str(tmp_path)])
    assert (tmp_path / "imagine.png").is_file()


def test_faults_are_named(options: tuple[str, ...], data: Path, tmp_path: Path) -> None:
    """No motion, two motions, no steps, a negative seed."""
    cases: dict[str, tuple[str, ...]] = {
        "give one of --data, --npz and --seed": (),
        "give one of": ("--seed", "1", "--data", str(data)),
        "--steps at least 1": ("--seed", "1", "--steps", "0"),
        "--seed must be at least 0": ("--seed", "-1"),
        "--extrinsics belongs to --npz": ("--seed", "1", "--extrinsics", "0 0 0 0 0 0"),
        "--episode is one of --data": ("--seed", "1", "--episode", "one"),
        "gone.npz is not there": ("--npz", str(tmp_path / "gone.npz")),
    }
    for message, arguments in cases.items():
        with pytest.raises((ValueError, FileNotFoundError), match=message):
            main([*options, *arguments, "--out", str(tmp_path / "out")])
