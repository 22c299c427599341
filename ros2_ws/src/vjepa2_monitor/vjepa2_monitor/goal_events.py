"""Goals with their latents, as the world model's service tells of its calls."""

from __future__ import annotations

from collections import OrderedDict

from service_msgs.msg import ServiceEventInfo

from vjepa2_msgs.msg import Goal, LatentId, WorldModelCode
from vjepa2_msgs.srv import EncodeGoal

OPEN = 16
"""Questions whose answers are awaited at most."""


class GoalEvents:
    """Puts each answer to its question, as the service tells of one after the other."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[bytes, int], Goal] = OrderedDict()

    def take(self, event: EncodeGoal.Event) -> tuple[Goal, LatentId] | None:
        """The goal that was encoded with this event, and its latent, if one was."""
        call = bytes(event.info.client_gid), int(event.info.sequence_number)
        if event.info.event_type == ServiceEventInfo.REQUEST_RECEIVED and event.request:
            self._asked[call] = event.request[0].goal
            while len(self._asked) > OPEN:
                self._asked.popitem(last=False)
        if event.info.event_type == ServiceEventInfo.RESPONSE_SENT and event.response:
            goal, answer = self._asked.pop(call, None), event.response[0]
            if goal is not None and answer.code.code == WorldModelCode.OK:
                return goal, answer.latent
        return None
