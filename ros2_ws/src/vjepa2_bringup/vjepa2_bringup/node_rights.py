"""What a node does on the graph: the rights that it needs where they are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rclpy.action import (
    get_action_client_names_and_types_by_node,
    get_action_server_names_and_types_by_node,
)
from rclpy.node import Node

OF_AN_ACTION = "/_action/"
"""In the names of the topics and services that an action consists of."""


@dataclass(frozen=True)
class NodeRights:
    """Names are absolute, or begin with `~/` below the node's own.

    enclave: of its process, such as /planner.
    """

    name: str
    namespace: str = "/"
    enclave: str = "/"
    publishes: frozenset[str] = frozenset()
    subscribes: frozenset[str] = frozenset()
    replies: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()
    executes: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()

    def absolute(self, name: str) -> str:
        """A name as other nodes know it."""
        return self._own + name.removeprefix("~/") if name.startswith("~/") else name

    def named(self, name: str) -> str:
        """An absolute name as it stands here."""
        return "~/" + name.removeprefix(self._own) if name.startswith(self._own) else name

    @property
    def _own(self) -> str:
        return f"{self.namespace.rstrip('/')}/{self.name}/"


def observed_rights(observer: Node, names: Collection[str]) -> list[NodeRights]:
    """Those of the nodes with these names, as far as `observer` sees them, sorted by name."""
    seen = observer.get_node_names_and_namespaces_with_enclaves()
    return [_rights(observer, *node) for node in sorted(seen) if node[0] in names]


def own_rights(observer: Node) -> NodeRights:
    """Those of a node that does nothing but be there."""
    return _rights(observer, observer.get_name(), observer.get_namespace(), "/")


def _rights(observer: Node, name: str, namespace: str, enclave: str) -> NodeRights:
    nobody = NodeRights(name, namespace)

    def plain(found: Iterable[tuple[str, object]]) -> frozenset[str]:
        return frozenset(nobody.named(n) for n, _ in found if OF_AN_ACTION not in n)

    node = (name, namespace)
    return NodeRights(
        name,
        namespace,
        enclave,
        publishes=plain(observer.get_publisher_names_and_types_by_node(*node)),
        subscribes=plain(observer.get_subscriber_names_and_types_by_node(*node)),
        replies=plain(observer.get_service_names_and_types_by_node(*node)),
        requests=plain(observer.get_client_names_and_types_by_node(*node)),
        executes=plain(get_action_server_names_and_types_by_node(observer, *node)),
        calls=plain(get_action_client_names_and_types_by_node(observer, *node)),
    )
