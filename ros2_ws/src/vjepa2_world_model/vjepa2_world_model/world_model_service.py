"""The world model of this process, by latent id."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from vjepa2_msgs.msg import Goal, WorldModelCode, WorldModelStatus
from vjepa2_planner import Differentiable
from vjepa2_world_model.access import EncodedView, WorldModelError
from vjepa2_world_model.candidates import check_candidates
from vjepa2_world_model.faults import with_codes
from vjepa2_world_model.latents import LatentId, LatentStore
from vjepa2_world_model.live_view import LiveView
from vjepa2_world_model.open_model import OpenedModel
from vjepa2_world_model.session import Encoded, Session, check_shapes
from vjepa2_world_model.view_log import ViewLog

MAX_TIMEOUT = 30.0
"""The longest that a view may be waited for [s]."""


class WorldModelService:
    """A `WorldModelAccess` over a model in this process; calls of the model take turns.

    clock: seconds of the ROS clock, now. on_view: called after each live view, on its thread.
    """

    device = torch.device("cpu")

    def __init__(
        self, clock: Callable[[], float], on_view: Callable[[], None] = lambda: None
    ) -> None:
        self._clock = clock
        self._on_view = on_view
        self._session: Session | None = None
        self._started = False
        self._turn = threading.Lock()

    def load(self, opened: OpenedModel, capacity: int) -> None:
        """Take a model, and keep up to `capacity` latents of it."""
        live = LiveView(opened.views.topic)
        self._session = Session(opened, LatentStore(capacity), live)

    def unload(self) -> None:
        """Let go of the model and of all latents."""
        self.stop()
        self._session = None

    def start(self) -> None:
        """Accept calls."""
        if self._session is not None:
            self._session.live.begin_waiting()
        self._started = True

    def stop(self) -> None:
        """Refuse calls, and end those that wait for a view."""
        self._started = False
        if self._session is not None:
            self._session.live.end_waiting()

    def show(self, message: Any, stamp: float) -> None:
        """A live view has come, captured at `stamp` [s, ROS clock]."""
        if self._session is not None:
            self._session.live.show(message, stamp)

    def encode_goal(self, goal: Goal, /) -> LatentId:
        """See `WorldModelAccess`; the size is compared where a live view was seen."""
        with with_codes():
            session = self._current()
            frame = session.opened.views.goal(goal)
            if (live := session.live.newest) is not None:
                check_shapes(frame.shape, session.opened.views.live(live.message).shape)
            with self._turn:
                features = session.opened.model.encode(frame[None])
            return session.latents.put(Encoded(features, frame.shape))

    def view(self, goal: LatentId | None, after: float, timeout: float, /) -> EncodedView:
        """See `WorldModelAccess`. A view without a stamp (0) is never late enough."""
        _check_timeout(timeout)
        with with_codes():
            session = self._current()
            target = None if goal is None else session.latents.get(goal)
            asked = perf_counter()
            captured = session.live.wait(max(after, 0.0), timeout)
            there = perf_counter()
            frame = session.opened.views.live(captured.message)
            if target is not None:
                check_shapes(target.shape, frame.shape)
            model, energy = session.opened.model, math.nan
            with self._turn:
                features = model.encode(frame[None])
                if target is not None:
                    energy = model.distance(features, target.features)
                if features.is_cuda:
                    torch.cuda.synchronize(features.device)  # or the times mean nothing
            latency = self._clock() - captured.stamp
            seconds = perf_counter() - there
            latent = session.latents.put(Encoded(features, frame.shape))
            view = EncodedView(latent, captured.stamp, energy, there - asked, seconds)
            session.log.record(view, goal, latency)
        self._on_view()
        return view

    def energies(
        self, context: LatentId, states: Tensor, goal: LatentId, actions: Tensor, /
    ) -> Tensor:
        """See `WorldModelAccess`."""
        with with_codes():
            session = self._current()
            features, target = (session.latents.get(x).features for x in (context, goal))
            check_candidates(len(features), states, actions)
            with self._turn:
                energies = session.opened.model.energies(features, states, target, actions).cpu()
            return torch.where(energies.isfinite(), energies, torch.inf)

    def energies_with_gradients(
        self, context: LatentId, states: Tensor, goal: LatentId, actions: Tensor, /
    ) -> tuple[Tensor, Tensor]:
        """See `WorldModelAccess`."""
        with with_codes():
            session = self._current()
            model = session.opened.model
            if not isinstance(model, Differentiable):
                raise WorldModelError(
                    WorldModelCode.BAD_REQUEST,
                    f"the world model {session.opened.name} gives no gradients: set the planner's "
                    "optimiser to cem, icem or mppi",
                )
            features, target = (session.latents.get(x).features for x in (context, goal))
            check_candidates(len(features), states, actions)
            with self._turn:
                energies, gradients = (
                    x.cpu()
                    for x in model.energies_with_gradients(features, states, target, actions)
                )
            return torch.where(energies.isfinite(), energies, torch.inf), gradients

    def distance(self, latent: LatentId, goal: LatentId, /) -> float:
        """See `WorldModelAccess`."""
        with with_codes():
            session = self._current()
            features, target = (session.latents.get(x).features for x in (latent, goal))
            with self._turn:
                return session.opened.model.distance(features, target)

    def status(self) -> WorldModelStatus:
        """The model and its last live view; `goal` names the session even before a goal."""
        status, session = WorldModelStatus(), self._session
        if session is not None:
            status.model = session.opened.name
            status.device = str(session.opened.model.device)
            status.goal.session = session.latents.session
        (session.log if session is not None else ViewLog()).describe(status)
        return status

    def _current(self) -> Session:
        session = self._session
        if session is None or not self._started:
            raise WorldModelError(
                WorldModelCode.INACTIVE, "the world model is not active: configure and activate it"
            )
        return session


def _check_timeout(timeout: float) -> None:
    if not 0 <= timeout <= MAX_TIMEOUT:
        raise WorldModelError(
            WorldModelCode.BAD_REQUEST,
            f"timeout must lie within 0 to {MAX_TIMEOUT:g} s, not {timeout:g}",
        )
