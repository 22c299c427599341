"""The fast path against the plain one: nothing computed twice, the same features."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from torch import Tensor

from vjepa2_models import WorldModel, bundled_checkpoint, load_world_model
from vjepa2_models.ac_predictor import frame_causal_mask
from vjepa2_models.rollout import Rollout
from vjepa2_poses import actions_from_states, apply_action


def plain_rollout(
    model: WorldModel, context: Tensor, states: Tensor, actions: Tensor
) -> list[Tensor]:
    """The official way: every frame through the whole predictor again at each step."""
    candidates, horizon, _ = actions.shape
    features = context.expand(candidates, -1, -1, -1)
    poses = states.expand(candidates, -1, -1)
    taken = actions_from_states(poses)
    imagined = []
    for step in range(horizon):
        taken = torch.cat([taken, actions[:, step : step + 1]], dim=1)
        given_actions, given_poses = taken.to(model.dtype), poses.to(model.dtype)
        following = model.predict(features, given_actions, given_poses)[:, -1:]
        features = torch.cat([features, following], dim=1)
        poses = torch.cat([poses, apply_action(poses[:, -1:], taken[:, -1:])], dim=1)
        imagined.append(following[:, 0])
    return imagined


def drawn_actions(seed: int, candidates: int, horizon: int) -> Tensor:
    """Up to about the planner's bounds, rotations and gripper among them."""
    random = torch.Generator().manual_seed(seed)
    scale = torch.tensor([0.05, 0.05, 0.05, 0.1, 0.1, 0.1, 0.5])
    return torch.randn(candidates, horizon, 7, generator=random) * scale


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 5), st.integers(0, 1000))
def test_fast_is_plain(
    world_model: WorldModel,
    golden: dict[str, Tensor],
    frames: int,
    horizon: int,
    candidates: int,
    seed: int,
) -> None:
    """Whatever the length of context and horizon, within 1e-5 in float32."""
    context, states = golden["features"][:frames], golden["states"][0, :frames].float()
    actions = drawn_actions(seed, candidates, horizon)
    with torch.inference_mode():
        fast = list(Rollout(world_model.predictor, context, states).imagine(actions))
    plain = plain_rollout(world_model, context, states, actions)
    assert len(fast) == len(plain) == horizon
    for one, other in zip(fast, plain, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("frames", "horizon"), [(1, 1), (1, 4), (3, 2)])
def test_energies_are_those_of_the_plain_path(
    world_model: WorldModel, golden: dict[str, Tensor], frames: int, horizon: int
) -> None:
    """Through the public call, in several batches."""
    context, states = golden["features"][:frames], golden["states"][0, :frames].float()
    goal, actions = golden["features"][3:], drawn_actions(1, 37, horizon)
    energies = world_model.energies(context, states, goal, actions)
    plain = plain_rollout(world_model, context, states, actions)[-1]
    expected = (plain - goal).abs().mean(dim=(1, 2))
    torch.testing.assert_close(energies, expected, atol=1e-5, rtol=0)


def test_mask_after_a_past_is_the_end_of_the_whole_mask() -> None:
    """New frames see the past and each other as they would in one pass."""
    whole = frame_causal_mask(5, 3, torch.device("cpu"))
    later = frame_causal_mask(2, 3, torch.device("cpu"), past=3)
    assert whole is not None
    assert later is not None
    assert torch.equal(later, whole[9:])
    assert frame_causal_mask(1, 3, torch.device("cpu"), past=3) is None


@pytest.mark.parametrize("horizon", [1, 2])
def test_half_precision_ranks_candidates_alike(horizon: int) -> None:
    """The fast path in bf16 and the plain one in float32, on the bundled model.

    The same order of energies, and nearly the same elites.
    """
    checkpoint = bundled_checkpoint()
    plain = load_world_model(checkpoint)
    fast = load_world_model(checkpoint, dtype=torch.bfloat16)
    frames = torch.randint(
        0, 256, (2, 128, 128, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    states = torch.tensor([[0.5, 0.0, 0.3, torch.pi, 0.0, 0.0, 0.0]])
    actions = drawn_actions(2, 200, horizon)
    actions[..., 3:6] = 0.0
    context, goal = (plain.encode(frame[None]) for frame in frames)
    imagined = plain_rollout(plain, context, states, actions)[-1]
    exact = (imagined - goal).abs().mean(dim=(1, 2))
    context, goal = (fast.encode(frame[None]) for frame in frames)
    rounded = fast.energies(context, states, goal, actions)
    assert spearmanr(exact, rounded).statistic > 0.99
    best, also = (set(e.argsort()[:20].tolist()) for e in (exact, rounded))
    assert len(best & also) >= 17


@pytest.mark.parametrize("frames", [1, 3])
def test_the_cameras_pose_reaches_every_frame(
    world_model: WorldModel, golden: dict[str, Tensor], frames: int
) -> None:
    """A predictor that was built with it: the fast path is the plain one, and the pose counts."""
    sizes = world_model.dimensions
    predictor = replace(sizes.ac_predictor, use_extrinsics=True)
    model = WorldModel(replace(sizes, ac_predictor=predictor)).eval().requires_grad_(False)
    model.load_state_dict(world_model.state_dict())
    torch.nn.init.normal_(
        model.predictor.extrinsics_encoder.weight, generator=torch.Generator().manual_seed(0)
    )
    context, states = golden["features"][:frames], golden["states"][0, :frames].float()
    goal, actions = golden["features"][3:], drawn_actions(4, 2, 1)
    with pytest.raises(ValueError, match="built with extrinsics"):
        model.energies(context, states, goal, actions)
    energies = []
    for pose in (torch.zeros(6), torch.full((6,), 0.5)):
        model.camera = pose
        energies.append(model.energies(context, states, goal, actions))
        taken = actions_from_states(states.expand(2, -1, -1))
        plain = model.predict(
            context.expand(2, -1, -1, -1),
            torch.cat([taken, actions], dim=1),
            states.expand(2, -1, -1),
            pose.expand(2, frames, -1),
        )
        expected = (plain[:, -1] - goal).abs().mean(dim=(1, 2))
        torch.testing.assert_close(energies[-1], expected, atol=1e-5, rtol=0)
    assert not torch.allclose(*energies)
