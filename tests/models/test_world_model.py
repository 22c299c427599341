"""The public calls: shapes, errors, and the fast ways against the plain ones."""

import numpy as np
import pytest
import torch
from torch import Tensor

from vjepa2_models import WorldModel
from vjepa2_models.ac_predictor import frame_causal_mask
from vjepa2_models.candidate_memory import CPU_BATCH
from vjepa2_models.objective import Objective


def problem(golden: dict[str, Tensor], candidates: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    actions = torch.randn(candidates, 1, 7, generator=torch.Generator().manual_seed(0)) * 0.05
    states = golden["states"][0, :1].float()
    return golden["features"][:1], states, golden["features"][1:2], actions


def test_numpy_frames_encode_like_tensors(
    world_model: WorldModel, golden: dict[str, Tensor]
) -> None:
    """Both kinds of array are taken."""
    frames = golden["frames_uint8"]
    assert torch.equal(world_model.encode(frames.numpy()), world_model.encode(frames))


def test_energies_do_not_depend_on_the_batch(
    world_model: WorldModel, golden: dict[str, Tensor]
) -> None:
    """Candidates in several batches get the energies that each has alone."""
    context, states, goal, actions = problem(golden, CPU_BATCH + 3)
    together = world_model.energies(context, states, goal, actions)
    for index in (0, CPU_BATCH - 1, CPU_BATCH):
        alone = world_model.energies(context, states, goal, actions[index : index + 1])
        torch.testing.assert_close(alone[0], together[index], atol=1e-5, rtol=0)


@pytest.mark.parametrize("candidates", [1, 2, 9, 32])
def test_layout_in_memory_changes_nothing(
    world_model: WorldModel, golden: dict[str, Tensor], candidates: int
) -> None:
    """Equal numbers give the same bits, from numpy or over the wire, row by row or not."""
    context, states, goal, actions = problem(golden, candidates)
    other_states = torch.from_numpy(states[0].numpy()[None])  # strides 0, 1
    other_actions = actions.permute(2, 1, 0).contiguous().permute(2, 1, 0)
    assert other_states.stride() != states.stride()
    known = world_model.energies_with_gradients(context, states, goal, actions)
    other = world_model.energies_with_gradients(context, other_states, goal, other_actions)
    assert all(torch.equal(a, b) for a, b in zip(known, other, strict=True))
    energies = world_model.energies(context, states, goal, actions)
    assert torch.equal(energies, world_model.energies(context, other_states, goal, other_actions))


def test_context_of_several_frames(world_model: WorldModel, golden: dict[str, Tensor]) -> None:
    """With past frames, the energy is that of the predictor fed the whole history."""
    states, features = golden["states"].float(), golden["features"]
    history = golden["actions_from_states"][:, :2]
    action = torch.full((1, 1, 7), 0.02)
    energy = world_model.energies(features[:3], states[0, :3], features[3:], action)
    predicted = world_model.predict(
        features[None, :3], torch.cat([history, action], dim=1), states[:, :3]
    )
    expected = (predicted[0, -1] - features[3]).abs().mean()
    torch.testing.assert_close(energy[0], expected, atol=1e-5, rtol=0)


def test_energy_that_is_not_finite_is_the_worst(
    world_model: WorldModel, golden: dict[str, Tensor]
) -> None:
    """NaN in, +inf out, for that candidate alone."""
    context, states, goal, actions = problem(golden, 3)
    actions[1] = torch.nan
    energies = world_model.energies(context, states, goal, actions)
    assert energies[1] == torch.inf
    assert energies[[0, 2]].isfinite().all()


@pytest.mark.parametrize("distance", ["l1", "l2", "cosine"])
def test_nothing_waits_for_the_device(world_model: WorldModel, distance: str) -> None:
    """On a device without values, where reading any is an error; states come from the CPU."""
    with torch.device("meta"):
        sizes = world_model.dimensions
        model = WorldModel(sizes, Objective(distance)).requires_grad_(False)  # type: ignore[arg-type]
        context = torch.empty(2, sizes.tokens, sizes.encoder.embed_dim)
    states, actions = torch.zeros(2, 7), torch.zeros(CPU_BATCH + 3, 3, 7)
    energies = model.energies(context, states, context[:1], actions)
    also, gradients = model.energies_with_gradients(context, states, context[:1], actions)
    assert energies.shape == also.shape == (len(actions),)
    assert gradients.shape == actions.shape
    with pytest.raises(RuntimeError, match="meta"):
        bool(energies.isfinite().all())


def test_wrong_inputs_are_named(world_model: WorldModel, golden: dict[str, Tensor]) -> None:
    """Each shape that doesn't fit is an error with its name, and so is a state of NaN."""
    context, states, goal, actions = problem(golden, 3)
    cases = [
        ("context must be", (context[:, :-1], states, goal, actions)),
        ("context must be", (context[:0], states[:0], goal, actions)),
        ("states must be", (context, states[:, :6], goal, actions)),
        ("goal must be", (context, states, golden["features"], actions)),
        ("actions must be", (context, states, goal, actions[..., :4])),
        ("actions must be", (context, states, goal, actions[:, :0])),
        ("actions must be", (context, states, goal, actions[0, 0])),
        ("states are not finite", (context, states * torch.nan, goal, actions)),
    ]
    for message, arguments in cases:
        with pytest.raises(ValueError, match=message):
            world_model.energies(*arguments)
    with pytest.raises(ValueError, match="frames must be RGB uint8"):
        world_model.encode(np.zeros((64, 64, 3), dtype=np.uint8))


def test_the_future_is_hidden(world_model: WorldModel, golden: dict[str, Tensor]) -> None:
    """Changing a later frame leaves earlier predictions as they are."""
    features, states = golden["features"][None, :3], golden["states"][:, :3].float()
    actions = golden["actions"].float()
    changed = features.clone()
    changed[:, 2] += 1
    before, after = (world_model.predict(f, actions, states) for f in (features, changed))
    torch.testing.assert_close(before[:, :2], after[:, :2])
    assert (before[:, 2] - after[:, 2]).abs().max() > 0.01


def test_no_mask_for_one_frame() -> None:
    """One frame sees all of itself; of two, the first does not see the second."""
    cpu = torch.device("cpu")
    assert frame_causal_mask(1, 5, cpu) is None
    mask = frame_causal_mask(2, 2, cpu)
    assert mask is not None
    assert mask.tolist() == [[True, True, False, False]] * 2 + [[True] * 4] * 2
