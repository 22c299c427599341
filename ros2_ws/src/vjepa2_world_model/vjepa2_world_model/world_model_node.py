"""The world model as a node: latents stay here, others ask by id."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch
from rclpy.clock import Clock, ClockType
from rclpy.service import Service
from rclpy.service_introspection import ServiceIntrospectionState
from rclpy.subscription import Subscription

from vjepa2_models.objective import Objective
from vjepa2_msgs.msg import WorldModelCode, WorldModelStatus
from vjepa2_msgs.srv import CompareLatents, EncodeGoal, EncodeView, EvaluateActions
from vjepa2_node import names, qos
from vjepa2_node.diagnostics import Health
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.rate import Rate
from vjepa2_node.run_nodes import run_nodes
from vjepa2_node.stamps import now_seconds, to_seconds, to_time
from vjepa2_world_model import wire
from vjepa2_world_model.access import WorldModelError
from vjepa2_world_model.candidates import read_candidates
from vjepa2_world_model.open_model import open_model
from vjepa2_world_model.world_model_parameters import PARAMETERS, check
from vjepa2_world_model.world_model_service import WorldModelService

WORKERS = 8
"""Views that wait for their image take a thread each; the other calls must not wait for them."""

HEARTBEAT_SECONDS = 1.0


class WorldModelNode(ManagedNode):
    """Serves encode_goal, encode_view, compare_latents and evaluate_actions; publishes status.

    service: the same calls for a planner in this process, from construction on.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__("world_model", PARAMETERS, check, WORKERS, **options)
        self._subscription: Subscription | None = None
        self._shown = Rate()
        self._status = self.create_publisher(
            WorldModelStatus, names.WORLD_MODEL_STATUS, qos.EVENTS, callback_group=self.quick
        )
        self.service = WorldModelService(
            clock=lambda: now_seconds(self.get_clock()),
            on_view=self._publish_status,
        )
        # Who records or shows what is pursued learns of goals and their latents from the service.
        self._offer(EncodeGoal, names.ENCODE_GOAL, self._encode_goal).configure_introspection(
            self.get_clock(), qos.GOAL_EVENTS, ServiceIntrospectionState.CONTENTS
        )
        self._offer(EncodeView, names.ENCODE_VIEW, self._encode_view)
        self._offer(CompareLatents, names.COMPARE_LATENTS, self._compare_latents)
        self._offer(EvaluateActions, names.EVALUATE_ACTIONS, self._evaluate_actions)
        # Clients tell from it that this process lives, so it does not depend on the state.
        self.create_timer(
            HEARTBEAT_SECONDS,
            self._publish_status,
            callback_group=self.quick,
            clock=Clock(clock_type=ClockType.STEADY_TIME),
        )

    def configure(self) -> None:
        if self.parameters["torch_threads"]:
            torch.set_num_threads(self.parameters["torch_threads"])
        objective = Objective(self.parameters["distance"], self.parameters["sum_over_horizon"])
        opened = open_model(
            self.parameters["model"],
            self.parameters["device"],
            self.parameters["dtype"],
            objective,
            self.parameters["compile"],
        )
        self.service.load(opened, self.parameters["latents"])
        self._subscription = self.create_subscription(
            opened.views.message,
            opened.views.topic,
            self._show,
            opened.views.qos,
            callback_group=self.quick,
        )
        self.get_logger().info(f"world model {opened.name} on {opened.model.device}")

    def activate(self) -> None:
        self.service.start()

    def deactivate(self) -> None:
        self.service.stop()

    def cleanup(self) -> None:
        if self._subscription is not None:
            self.destroy_subscription(self._subscription)
            self._subscription = None
        self.service.unload()

    def health(self) -> Health:
        status = self.service.status()
        return Health(
            values={
                "model": status.model,
                "device": status.device,
                **self._shown.values("image"),
                "capture_to_latent_ms_p50": 1000 * status.latency_p50,
                "capture_to_latent_ms_p99": 1000 * status.latency_p99,
                "energy": status.energy,
            }
        )

    def _offer(self, kind: Any, name: str, work: Callable[[Any, Any], None]) -> Service:
        async def serve(request: Any, response: Any) -> Any:
            try:
                await self.submit(lambda: work(request, response))
            except WorldModelError as error:
                response.code.code, response.message = error.code, str(error)
            except Exception as error:
                response.code.code = WorldModelCode.FAILED
                response.message = f"{name} failed: {type(error).__name__}: {error}"
            return response

        return self.create_service(kind, name, serve, callback_group=self.waiting)

    def _show(self, message: Any) -> None:
        self._shown.event()
        self.service.show(message, to_seconds(message.header.stamp))

    def _encode_goal(self, request: EncodeGoal.Request, response: EncodeGoal.Response) -> None:
        response.latent = wire.to_message(self.service.encode_goal(request.goal))

    def _encode_view(self, request: EncodeView.Request, response: EncodeView.Response) -> None:
        goal = wire.to_id(request.goal) if request.goal.number else None
        view = self.service.view(goal, to_seconds(request.after), request.timeout)
        response.latent = wire.to_message(view.latent)
        response.stamp = to_time(view.stamp)
        response.energy = view.energy
        response.waiting_seconds = view.waiting_seconds
        response.encoding_seconds = view.encoding_seconds

    def _compare_latents(
        self, request: CompareLatents.Request, response: CompareLatents.Response
    ) -> None:
        response.energy = self.service.distance(wire.to_id(request.view), wire.to_id(request.goal))

    def _evaluate_actions(
        self, request: EvaluateActions.Request, response: EvaluateActions.Response
    ) -> None:
        states, actions = read_candidates(request)
        context, goal = wire.to_id(request.context), wire.to_id(request.goal)
        if request.with_gradients:
            energies, gradients = self.service.energies_with_gradients(
                context, states, goal, actions
            )
            response.gradients = wire.to_numbers(gradients)
        else:
            energies = self.service.energies(context, states, goal, actions)
        response.energies = wire.to_numbers(energies)

    def _publish_status(self) -> None:
        self._status.publish(self.service.status())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the node until a signal ends it."""
    return run_nodes(lambda: [WorldModelNode()], arguments)


if __name__ == "__main__":
    sys.exit(main())
