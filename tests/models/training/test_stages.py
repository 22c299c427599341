"""Both stages, run for a few steps on a tiny world that can be learnt."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vjepa2_models import WorldModel, load_world_model, save_world_model
from vjepa2_models.dimensions import (
    ACPredictorDimensions,
    Dimensions,
    EncoderDimensions,
    MaskPredictorDimensions,
)
from vjepa2_models.encoder import Encoder
from vjepa2_models.training.episodes import Episodes, load_episodes
from vjepa2_models.training.post_training import (
    PostTraining,
    encode_episodes,
    post_train,
    start_as_copy,
)
from vjepa2_models.training.post_training import Report as PostTrainingReport
from vjepa2_models.training.pretraining import Pretraining, follow, pretrain
from vjepa2_models.training.pretraining import Report as PretrainingReport
from vjepa2_models.training.schedule import Schedule

TINY = Dimensions(
    EncoderDimensions(48, 2, 2),
    ACPredictorDimensions(48, 2, 2),
    MaskPredictorDimensions(32, 1, 1, num_frames=2, num_mask_tokens=2),
    img_size=32,
    patch_size=8,
    num_frames=8,
    crop="square",
)


@pytest.fixture(scope="module")
def episodes() -> Episodes:
    """A bright square that moves over a dark ground as its state says."""
    random = np.random.default_rng(0)
    positions = np.cumsum(random.uniform(-0.1, 0.1, (24, 6, 2)), axis=1).clip(-0.4, 0.4)
    frames = np.full((24, 6, 32, 32, 3), 30, dtype=np.uint8)
    for episode, frame in np.ndindex(24, 6):
        x, y = (16 + 24 * positions[episode, frame]).astype(int)
        frames[episode, frame, y - 4 : y + 4, x - 4 : x + 4] = 220
    states = np.zeros((24, 6, 7), dtype=np.float32)
    states[..., :2] = positions
    return Episodes(frames, states)


def run_stage_1(episodes: Episodes, steps: int) -> tuple[Encoder, list[PretrainingReport]]:
    reports: list[PretrainingReport] = []
    train, held_out = episodes.split(0.2)
    settings = Pretraining(Schedule(steps, 1e-3), batch=8, seed=1, report_every=10)
    teacher = pretrain(TINY, train, held_out, settings, lambda r, *_: reports.append(r))
    return teacher, reports


def test_stage_1_learns_and_repeats(episodes: Episodes) -> None:
    """The loss falls; the same seed gives the same teacher."""
    teacher, reports = run_stage_1(episodes, 40)
    again, _ = run_stage_1(episodes, 40)
    assert reports[-1].loss < reports[0].loss
    for first, second in zip(teacher.parameters(), again.parameters(), strict=True):
        assert torch.equal(first, second)


def test_teacher_follows_slowly() -> None:
    """After one step the teacher has moved by the EMA's share and no further."""
    teacher, student = Encoder(TINY), Encoder(TINY)
    before = teacher.norm.weight.clone()
    with torch.no_grad():
        student.norm.weight.fill_(3.0)
    follow(teacher, student, ema=0.9)
    torch.testing.assert_close(teacher.norm.weight.data, 0.9 * before.data + 0.1 * 3.0)


def test_stage_2_beats_copying(episodes: Episodes) -> None:
    """From the copy baseline it learns what actions do, at both horizons."""
    torch.manual_seed(0)
    model = WorldModel(TINY)
    features = encode_episodes(model.encoder, episodes, TINY.crop)
    reports: list[PostTrainingReport] = []
    settings = PostTraining(Schedule(150, 2e-3), batch=16, seed=0, report_every=50)
    post_train(model, features, features, settings, reports.append)
    assert reports[-1].error_1 < 0.9 * reports[-1].copy_1
    assert reports[-1].error_2 < 0.9 * reports[-1].copy_2


def test_training_starts_from_copying(episodes: Episodes) -> None:
    """Before the first step, a prediction is close to the frame it starts from."""
    torch.manual_seed(0)
    model = WorldModel(TINY).eval()
    states = torch.from_numpy(episodes.states)
    start_as_copy(model.predictor, states)
    features = model.encode(episodes.frames[0])[None, :1]
    predicted = model.predict(features, torch.zeros(1, 1, 7), states[:1, :1])
    assert (predicted - features).abs().mean() < 0.1


def test_what_is_trained_is_what_is_loaded(episodes: Episodes, tmp_path: Path) -> None:
    """A world model that was saved gives the same features."""
    model = WorldModel(TINY).eval()
    save_world_model(model, tmp_path / "m.safetensors", dtype=torch.float32)
    loaded = load_world_model(tmp_path / "m.safetensors")
    assert torch.equal(loaded.encode(episodes.frames[0]), model.encode(episodes.frames[0]))


def test_loss_that_is_not_finite_stops(episodes: Episodes) -> None:
    """A training that has gone wrong says so at once."""
    train, held_out = episodes.split(0.2)
    settings = Pretraining(Schedule(20, 1e30, warmup=0.0), batch=4)
    with pytest.raises(FloatingPointError, match="the loss of step"):
        pretrain(TINY, train, held_out, settings, lambda *_: None)


def test_shards_are_checked(tmp_path: Path, episodes: Episodes) -> None:
    """No shards, and states that are not finite: each a clear error."""
    with pytest.raises(FileNotFoundError, match=r"no episodes_\*\.npz"):
        load_episodes(tmp_path)
    states = episodes.states.copy()
    states[0, 0, 0] = np.nan
    np.savez(tmp_path / "episodes_00000.npz", frames=episodes.frames, states=states)
    with pytest.raises(ValueError, match=r"episodes_00000\.npz: states that are not finite"):
        load_episodes(tmp_path)


def test_schedule_rises_stays_and_falls() -> None:
    """Warm-up, constant, decay."""
    schedule = Schedule(100, 1.0, warmup=0.1, decay=0.2)
    rates = [schedule.rate(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[50] == 1.0
    assert rates[90] == pytest.approx(0.5)
    assert rates[99] < 0.06
