"""Pairs of a picture and a later one of the same episode."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vjepa2_data import read_index
from vjepa2_models.baselines.behaviour_cloning import LARGEST_ACTION
from vjepa2_models.training.baselines.hindsight import HindsightPairs
from vjepa2_models.training.baselines.picture_clips import PictureClips, picture_clips
from vjepa2_models.training.clips.clip_settings import ClipSettings
from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.settings_file import read_settings
from vjepa2_poses import actions_from_states


@pytest.fixture
def clips(engine: dict[str, Any], squares: Path) -> PictureClips:
    settings = read_settings(EngineSettings, engine)
    return picture_clips(
        read_index(squares), 0.2, 32, "square", ClipSettings(frames=10), 10, settings
    )


@pytest.fixture
def pairs(clips: PictureClips) -> HindsightPairs:
    return HindsightPairs(clips.training, 64, 6, "displacement", seed=0)


def test_a_pair_is_of_one_clip(pairs: HindsightPairs) -> None:
    """Pictures, states and ways are those of two of its frames, 1 to 6 apart, and all occur."""
    rows = range(2)
    batch, clips = pairs.load(3, rows).tensors, pairs.clips.load(3, rows).tensors
    apart = set()
    for row in rows:
        frames, states = clips["frames"][row], clips["states"][row]
        for pair in range(64):
            now = int((states - batch["states"][row, pair]).abs().sum(1).argmin())
            end = batch["states"][row, pair] + batch["ways"][row, pair]
            then = int((states - end).abs().sum(1).argmin())
            assert torch.equal(batch["pictures"][row, pair], frames[now])
            assert torch.equal(batch["goals"][row, pair], frames[then])
            apart.add(then - now)
    assert apart == set(range(1, 7))


def test_targets(pairs: HindsightPairs) -> None:
    """The whole way or the next action, held within the largest action."""
    largest = torch.tensor(LARGEST_ACTION)
    whole = pairs.load(0, range(2)).tensors
    torch.testing.assert_close(whole["targets"], whole["ways"].clamp(-largest, largest))
    assert (whole["ways"].abs() > largest).any()
    following = replace(pairs, target="action").load(0, range(2)).tensors
    clips = pairs.clips.load(0, range(2)).tensors
    for row in range(2):
        actions = actions_from_states(clips["states"][row]).clamp(-largest, largest)
        for state, target in zip(following["states"][row], following["targets"][row], strict=True):
            now = int((clips["states"][row] - state).abs().sum(1).argmin())
            torch.testing.assert_close(target, actions[now])
    assert torch.equal(following["goals"], whole["goals"])


def test_a_row_is_a_pure_function_of_its_place(pairs: HindsightPairs) -> None:
    """The same alone as among others; another step has other pairs."""
    all_rows, alone = pairs.load(5, range(4)).tensors, pairs.load(5, range(2, 3)).tensors
    for name, tensor in alone.items():
        assert torch.equal(tensor[0], all_rows[name][2])
    other = pairs.load(6, range(2, 3)).tensors
    assert not torch.equal(other["ways"], alone["ways"])


def test_held_out_pairs_are_of_other_episodes(clips: PictureClips) -> None:
    """Every episode is on one side."""
    train, held_out = (
        {episode.name for episode in source.index.episodes}
        for source in (clips.training, clips.held_out)
    )
    assert train.isdisjoint(held_out) and len(train | held_out) == 16


def test_all_distances_are_as_likely(pairs: HindsightPairs) -> None:
    """Over many draws, by the frames between the two."""
    drawn = replace(pairs, pairs=2000)
    clip = drawn.clips.load(0, range(1)).tensors["states"][0]
    batch = drawn.load(0, range(1)).tensors
    now = torch.cdist(batch["states"][0], clip[None].expand(1, -1, -1)[0]).argmin(1)
    then = torch.cdist(batch["states"][0] + batch["ways"][0], clip).argmin(1)
    counts = np.bincount((then - now).numpy(), minlength=7)[1:]
    assert counts.min() > 2000 / 6 * 0.8 and counts.max() < 2000 / 6 * 1.2
