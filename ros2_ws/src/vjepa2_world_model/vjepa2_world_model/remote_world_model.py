"""The world model node as seen from another process or host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from rclpy.client import Client
from torch import Tensor

from vjepa2_msgs.msg import Goal, WorldModelCode, WorldModelStatus
from vjepa2_msgs.srv import CompareLatents, EncodeGoal, EncodeView, EvaluateActions
from vjepa2_node import names, qos
from vjepa2_node.calls import NoAnswerError, call, is_found
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.stamps import to_seconds, to_time
from vjepa2_planner import Outcome, PursuitFailure
from vjepa2_world_model import wire
from vjepa2_world_model.access import EncodedView, WorldModelError
from vjepa2_world_model.heartbeat import Heartbeat
from vjepa2_world_model.latents import LatentId

ASK_AGAIN = 10.0
"""Seconds without an answer after which the same is asked again; see `call`."""


class RemoteWorldModel:
    """A `WorldModelAccess` over the world model node's services, for worker threads of `node`.

    A node that is lost shows by its missing status, before `timeout` (of an answer, [s]) is over.
    Once `interrupted` is true, calls end with `PursuitFailure` CANCELLED.
    """

    device = torch.device("cpu")

    def __init__(
        self,
        node: ManagedNode,
        timeout: float,
        interrupted: Callable[[], bool] = lambda: False,
        heartbeat_timeout: float = 3.0,
    ) -> None:
        self._node = node
        self._timeout = timeout
        self._interrupted = interrupted
        self._heartbeat = Heartbeat(heartbeat_timeout)
        self._encode_goal = self._client(EncodeGoal, names.ENCODE_GOAL)
        self._encode_view = self._client(EncodeView, names.ENCODE_VIEW)
        self._compare = self._client(CompareLatents, names.COMPARE_LATENTS)
        self._evaluate = self._client(EvaluateActions, names.EVALUATE_ACTIONS)
        self._status = node.create_subscription(
            WorldModelStatus,
            names.WORLD_MODEL_STATUS,
            lambda status: self._heartbeat.beat(status.goal.session),
            qos.EVENTS,
            callback_group=node.quick,
        )

    def close(self) -> None:
        """Let go of subscription and clients; no call may be in progress."""
        self._node.destroy_subscription(self._status)
        for client in (self._encode_goal, self._encode_view, self._compare, self._evaluate):
            self._node.destroy_client(client)

    def encode_goal(self, goal: Goal, /) -> LatentId:
        """See `WorldModelAccess`."""
        return wire.to_id(self._ask(self._encode_goal, EncodeGoal.Request(goal=goal)).latent)

    def view(self, goal: LatentId | None, after: float, timeout: float, /) -> EncodedView:
        """See `WorldModelAccess`."""
        request = EncodeView.Request(after=to_time(after), timeout=float(timeout))
        if goal is not None:
            request.goal = wire.to_message(goal)
        answer = self._ask(self._encode_view, request, patience=timeout)
        return EncodedView(
            wire.to_id(answer.latent),
            to_seconds(answer.stamp),
            answer.energy,
            answer.waiting_seconds,
            answer.encoding_seconds,
        )

    def energies(
        self, context: LatentId, states: Tensor, goal: LatentId, actions: Tensor, /
    ) -> Tensor:
        """See `WorldModelAccess`."""
        answer = self._evaluated(context, states, goal, actions)
        return wire.to_tensor(answer.energies, (-1,))

    def energies_with_gradients(
        self, context: LatentId, states: Tensor, goal: LatentId, actions: Tensor, /
    ) -> tuple[Tensor, Tensor]:
        """See `WorldModelAccess`."""
        answer = self._evaluated(context, states, goal, actions, with_gradients=True)
        gradients = wire.to_tensor(answer.gradients, actions.shape)
        return wire.to_tensor(answer.energies, (-1,)), gradients

    def _evaluated(
        self,
        context: LatentId,
        states: Tensor,
        goal: LatentId,
        actions: Tensor,
        with_gradients: bool = False,
    ) -> EvaluateActions.Response:
        request = EvaluateActions.Request(
            context=wire.to_message(context),
            goal=wire.to_message(goal),
            horizon=actions.shape[1],
            with_gradients=with_gradients,
        )
        request.states, request.actions = wire.to_numbers(states), wire.to_numbers(actions)
        return self._ask(self._evaluate, request)

    def distance(self, latent: LatentId, goal: LatentId, /) -> float:
        """See `WorldModelAccess`."""
        request = CompareLatents.Request(view=wire.to_message(latent), goal=wire.to_message(goal))
        return float(self._ask(self._compare, request).energy)

    def _client(self, kind: Any, name: str) -> Client:
        return self._node.create_client(kind, name, callback_group=self._node.waiting)

    def _ask(self, client: Client, request: Any, patience: float = 0.0) -> Any:
        fault = self._heartbeat.watch()
        try:
            if not is_found(client, min(self._timeout, self._heartbeat.timeout)):
                raise NoAnswerError(f"service {client.srv_name} is not there: is it running?")
            answer = call(
                client,
                request,
                self._timeout + patience,
                lambda: bool(fault()) or self._interrupted(),
                ask_again=ASK_AGAIN + patience,
            )
        except NoAnswerError as error:
            if self._interrupted():
                raise PursuitFailure(
                    Outcome.CANCELLED, "cancelled while the world model was waited for"
                ) from error
            reason = fault() or str(error)
            raise WorldModelError(None, f"the world model node is lost: {reason}") from error
        if answer.code.code != WorldModelCode.OK:
            raise WorldModelError(answer.code.code, answer.message)
        return answer
