"""The world model: encoder and action-conditioned predictor behind three calls."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vjepa2_models.ac_predictor import ACPredictor
from vjepa2_models.attention_kernels import attention_kernels
from vjepa2_models.candidate_memory import candidates_at_once
from vjepa2_models.dimensions import Dimensions
from vjepa2_models.encoder import Encoder
from vjepa2_models.objective import L1, Objective
from vjepa2_models.preprocessing import preprocess
from vjepa2_models.rollout import Rollout
from vjepa2_models.transformer import Block, normalise


class WorldModel(nn.Module):
    """V-JEPA 2-AC (paper, section 3). Inference only: no gradients of weights.

    objective: what `energies` and `distance` measure; it may be exchanged at any time.
    camera: its pose [6], m and rad in the base frame; for weights that were trained with it.
    """

    def __init__(self, dimensions: Dimensions, objective: Objective = L1) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.objective = objective
        self.camera: Tensor | None = None
        self._at_once: dict[tuple[int, int, bool], int] = {}
        self.encoder = Encoder(dimensions)
        self.predictor = ACPredictor(dimensions)

    @property
    def device(self) -> torch.device:
        return self.encoder.norm.weight.device

    @property
    def dtype(self) -> torch.dtype:
        return self.encoder.norm.weight.dtype

    @torch.inference_mode()
    def encode(self, frames: Tensor | NDArray[np.uint8]) -> Tensor:
        """Normalised features [T, N, D] of RGB frames uint8 [T, H, W, 3].

        Every frame is encoded by itself, as a clip of the same frame repeated over one tubelet
        (section 3.1). Raises ValueError on another shape or dtype.
        """
        images = preprocess(
            torch.as_tensor(frames).to(self.device), self.dimensions.img_size, self.dimensions.crop
        )
        return encode_stills(self.encoder, images.to(self.dtype))

    @torch.inference_mode()
    def predict(
        self, features: Tensor, actions: Tensor, states: Tensor, extrinsics: Tensor | None = None
    ) -> Tensor:
        """Normalised features [B, T, N, D] of the frames that follow each of the given ones.

        Args:
            features: [B, T, N, D], normalised.
            actions: [B, T, 7], metres, radians, closedness; in the robot's base frame.
            states: [B, T, 7], the same units.
            extrinsics: [B, T, 6] or None.
        """
        return normalise(self.predictor(features, actions, states, extrinsics))

    @torch.inference_mode()
    def energies(self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor) -> Tensor:
        """Energy [S] of each candidate (equation 5): how far its imagined end is from the goal.

        By the `objective`, on what is predicted after the last action (or after each). Poses are
        propagated between steps. An energy that is not finite is +inf. On a GPU nothing here
        waits for it, if the states are given on the CPU.

        Args:
            context: normalised features [T, N, D] of the last T >= 1 frames.
            states: [T, 7] of the end effector at those frames; the actions between them follow.
            goal: normalised features [1, N, D].
            actions: candidates [S, H, 7].

        Raises:
            ValueError: on a wrong shape, and on states on the CPU that are not finite.
        """
        self._check(context, states, goal, actions)
        rollout = Rollout(self.predictor, context, self._laid_out(states), self.camera)
        energy = torch.cat(
            [self._energies(rollout, goal, batch) for batch in self._batches(rollout, actions)]
        )
        return torch.where(energy.isfinite(), energy, torch.inf)

    def energies_with_gradients(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The energies [S] and their gradients [S, H, 7] by the actions; see `energies`.

        Gradients pass through the predictor and the propagation of poses. Where an energy is not
        finite it is +inf and its gradient 0.
        """
        self._check(context, states, goal, actions)
        # Clones, as what was encoded in inference mode can't take part in a backward pass.
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            attention_kernels(self.device),
        ):
            states = self._laid_out(states)
            rollout = Rollout(self.predictor, context.clone(), states, self.camera)
            goal = goal.clone()
            found = [
                self._with_gradients(rollout, goal, batch.clone())
                for batch in self._batches(rollout, actions, gradients=True)
            ]
        energies, gradients = (torch.cat(parts) for parts in zip(*found, strict=True))
        finite = energies.isfinite()
        return (
            torch.where(finite, energies, torch.inf),
            torch.where(finite[:, None, None], gradients, torch.zeros_like(gradients)),
        )

    def distance(self, latent: Tensor, goal: Tensor) -> float:
        """Energy between two frames as they are."""
        return float(self.objective.between(latent[-1:], goal))

    def compile_predictor(self) -> None:
        """Compile the predictor's blocks with torch.compile, at the next calls of each shape.

        Some seconds for each shape, and for the first one more: it pays after hundreds of calls.
        The bundled model in bf16 on two cores then takes 1.1 to 1.4 times less for energies one or
        two steps ahead; four steps ahead it was no clear gain. CUDA graphs are left out: at the
        released sizes a batch's kernels should run far longer than their launch, which no GPU has
        confirmed yet, and a graph's next replay would overwrite the keys and values that a rollout
        keeps.
        """
        for block in self.predictor.predictor_blocks:
            assert isinstance(block, Block)
            block.advance = torch.compile(  # type: ignore[call-overload, method-assign]
                block.advance, dynamic=False, recompile_limit=COMPILED_SHAPES
            )

    def _batches(
        self, rollout: Rollout, actions: Tensor, gradients: bool = False
    ) -> tuple[Tensor, ...]:
        """Candidates on the device, in batches; free memory is asked for once for every shape."""
        shape = (rollout.frames, actions.shape[1], gradients)
        if shape not in self._at_once:
            self._at_once[shape] = candidates_at_once(
                self.predictor, rollout.frames, actions.shape[1], self.device, gradients
            )
        batches: tuple[Tensor, ...] = self._laid_out(actions).split(self._at_once[shape])
        return batches

    def _laid_out(self, numbers: Tensor) -> Tensor:
        """A copy, row by row: another layout meets kernels that round otherwise."""
        numbers = numbers.to(self.device, torch.float32)
        return numbers.clone(memory_format=torch.contiguous_format)

    def _energies(self, rollout: Rollout, goal: Tensor, actions: Tensor) -> Tensor:
        imagined = rollout.imagine(actions)
        if self.objective.sum_over_horizon:
            distances = [self.objective.between(frame, goal) for frame in imagined]
            return torch.stack(distances).sum(dim=0)
        *_, last = imagined
        return self.objective.between(last, goal)

    def _with_gradients(
        self, rollout: Rollout, goal: Tensor, actions: Tensor
    ) -> tuple[Tensor, Tensor]:
        actions.requires_grad_()
        energies = self._energies(rollout, goal, actions)
        (gradients,) = torch.autograd.grad(energies.sum(), actions)
        return energies.detach(), gradients

    def _check(self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor) -> None:
        frame = (self.dimensions.tokens, self.dimensions.encoder.embed_dim)
        expected = {
            "context": (context, (max(1, len(context)), *frame)),
            "states": (states, (len(context), 7)),
            "goal": (goal, (1, *frame)),
            "actions": (actions, (len(actions), max((1, *actions.shape[1:2])), 7)),
        }
        for name, (given, shape) in expected.items():
            if tuple(given.shape) != shape:
                raise ValueError(f"{name} must be {list(shape)}, not {list(given.shape)}")
        if states.device.type == "cpu" and not torch.isfinite(states).all():
            raise ValueError(f"states are not finite: {states.tolist()}")


COMPILED_SHAPES = 64
"""Every step of a rollout, size of a batch and context is a shape; torch gives up after 8."""


def encode_stills(encoder: Encoder, images: Tensor) -> Tensor:
    """Normalised features [T, N, D] of images [T, 3, H, W], each encoded by itself."""
    clips = images.unsqueeze(2).expand(-1, -1, encoder.dimensions.tubelet_size, -1, -1)
    return normalise(encoder(clips))
