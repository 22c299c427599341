"""The parameters of other nodes as they are when a recording begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rcl_interfaces.msg import Parameter, ParameterEvent
from rcl_interfaces.srv import GetParameters
from rclpy.client import Client
from rclpy.task import Future

from vjepa2_node.managed_node import ManagedNode


class ParameterSnapshot:
    """Asks without waiting; `found` is given each node's answer as an event of that node."""

    def __init__(
        self,
        node: ManagedNode,
        wanted: Mapping[str, Sequence[str]],
        found: Callable[[ParameterEvent], object],
    ) -> None:
        self._node = node
        self._wanted = wanted
        self._found = found
        self._clients = {
            name: node.create_client(
                GetParameters, f"{name}/get_parameters", callback_group=node.quick
            )
            for name in wanted
        }
        self._missing: set[str] = set()

    def take(self) -> None:
        """Ask all nodes."""
        self._missing = set(self._wanted)
        self.ask_again()

    def ask_again(self) -> None:
        """Ask the nodes that have not answered and are there."""
        for name in sorted(self._missing):
            client = self._clients[name]
            if client.service_is_ready():
                future = client.call_async(GetParameters.Request(names=list(self._wanted[name])))
                future.add_done_callback(lambda done, name=name: self._answered(name, done))

    def close(self) -> None:
        """Release the clients."""
        for client in self._clients.values():
            self._node.destroy_client(client)

    def _answered(self, name: str, done: Future) -> None:
        answer = done.result()
        if answer is None or name not in self._missing:
            return
        self._missing.discard(name)
        event = ParameterEvent(node=_node_of(self._clients[name]))
        event.stamp = self._node.get_clock().now().to_msg()
        event.new_parameters = [
            Parameter(name=parameter, value=value)
            for parameter, value in zip(self._wanted[name], answer.values, strict=True)
        ]
        self._found(event)


def _node_of(client: Client) -> str:
    """Full name of the node whose parameters a client asks for."""
    return str(client.srv_name).rpartition("/")[0]
