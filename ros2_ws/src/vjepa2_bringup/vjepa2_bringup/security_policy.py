"""A policy of SROS 2: which process may do what on the graph."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vjepa2_bringup.node_rights import NodeRights

KINDS = (
    ("topic", "publish", "publishes"),
    ("topic", "subscribe", "subscribes"),
    ("service", "reply", "replies"),
    ("service", "request", "requests"),
    ("action", "execute", "executes"),
    ("action", "call", "calls"),
)
"""Element, attribute, and field of NodeRights."""
VERSION = "0.2.0"
OPERATOR = "operator"
NOTE = " Written by `python -m vjepa2_bringup.write_policy`; see docs/security.md. "


def policy(rights: Iterable[NodeRights]) -> str:
    """XML: an enclave for each process, in it a profile for each node."""
    root = ElementTree.Element("policy", version=VERSION)
    root.append(ElementTree.Comment(NOTE))
    enclaves = ElementTree.SubElement(root, "enclaves")
    profiles: dict[str, ElementTree.Element] = {}
    for node in sorted(rights, key=lambda node: (node.enclave, node.name)):
        if node.enclave not in profiles:
            enclave = ElementTree.SubElement(enclaves, "enclave", path=node.enclave)
            profiles[node.enclave] = ElementTree.SubElement(enclave, "profiles")
        _add(profiles[node.enclave], node)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def sharing(rights: Iterable[NodeRights], nodes: Sequence[str], enclave: str) -> list[NodeRights]:
    """Those of `nodes`, in one process."""
    return [replace(node, enclave=enclave) for node in rights if node.name in nodes]


def manager(plain: NodeRights, name: str, managed: Iterable[NodeRights]) -> NodeRights:
    """What leads `managed` through their life cycle; plain: what any node may."""
    asked = {
        node.absolute(f"~/{service}")
        for node in managed
        for service in ("get_state", "change_state")
    }
    return replace(plain, name=name, enclave=f"/{name}", requests=plain.requests | asked)


def operator(plain: NodeRights, rights: Sequence[NodeRights]) -> NodeRights:
    """A person at the command line: sees all topics, asks all services, calls all actions."""

    def all_of(field: str) -> frozenset[str]:
        return frozenset(n.absolute(name) for n in rights for name in getattr(n, field))

    return replace(
        plain,
        name=OPERATOR,
        enclave=f"/{OPERATOR}",
        subscribes=all_of("publishes"),
        requests=all_of("replies"),
        calls=all_of("executes"),
    )


def _add(profiles: ElementTree.Element, node: NodeRights) -> None:
    profile = ElementTree.SubElement(profiles, "profile", ns=node.namespace, node=node.name)
    for element, attribute, field in KINDS:
        names = sorted(getattr(node, field))
        if names:
            group = ElementTree.SubElement(profile, f"{element}s", {attribute: "ALLOW"})
            for name in names:
                ElementTree.SubElement(group, element).text = name
