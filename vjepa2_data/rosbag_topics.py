"""Finding a topic in a bag."""

from __future__ import annotations

from collections.abc import Collection

from rosbags.highlevel import AnyReader
from rosbags.interfaces import Connection


class BagError(ValueError):
    """A bag can't be converted; the message says why and what to do."""


def connections(reader: AnyReader, topic: str, types: Collection[str]) -> list[Connection]:
    """Where messages of `topic` come from; under a namespace too, if in one only.

    BagError names the topics in the bag if it is not there, is there more than once, holds
    another type, or is empty.
    """
    wanted = "/" + topic.strip("/")
    topics = reader.topics
    names = [wanted] if wanted in topics else [name for name in topics if name.endswith(wanted)]
    if len(names) != 1:
        found = ", ".join(sorted(topics)) or "none"
        fault = f"topic {wanted} is there {len(names)} times" if names else f"no topic {wanted}"
        raise BagError(f"{fault}; name one of the topics in the bag: {found}")
    chosen = topics[names[0]]
    if chosen.msgtype not in types:
        raise BagError(f"topic {names[0]} holds {chosen.msgtype}, not {' or '.join(types)}")
    if not chosen.msgcount:
        raise BagError(f"topic {names[0]} has no message in the bag")
    return list(chosen.connections)
