"""Goals and their latents, as the world model's service tells of them."""

from __future__ import annotations

from service_msgs.msg import ServiceEventInfo

from vjepa2_monitor.goal_events import GoalEvents
from vjepa2_msgs.msg import Goal, LatentId, WorldModelCode
from vjepa2_msgs.srv import EncodeGoal


def asked(number: int, name: str) -> EncodeGoal.Event:
    request = EncodeGoal.Request(goal=Goal(name=name))
    return EncodeGoal.Event(
        info=info(number, ServiceEventInfo.REQUEST_RECEIVED), request=[request]
    )


def answered(number: int, latent: int, code: int = WorldModelCode.OK) -> EncodeGoal.Event:
    response = EncodeGoal.Response(latent=LatentId(session=1, number=latent))
    response.code.code = code
    return EncodeGoal.Event(info=info(number, ServiceEventInfo.RESPONSE_SENT), response=[response])


def info(number: int, kind: int) -> ServiceEventInfo:
    return ServiceEventInfo(event_type=kind, sequence_number=number)


def test_answers_find_their_questions() -> None:
    """In whatever order the world model answers."""
    events = GoalEvents()
    assert events.take(asked(1, "cup")) is None
    assert events.take(asked(2, "box")) is None
    for number, name, latent in ((2, "box", 8), (1, "cup", 9)):
        encoded = events.take(answered(number, latent))
        assert encoded is not None
        assert (encoded[0].name, encoded[1].number) == (name, latent)


def test_what_was_not_encoded_is_no_goal() -> None:
    """A refusal, and an answer whose question was never heard."""
    events = GoalEvents()
    events.take(asked(1, "cup"))
    assert events.take(answered(1, 0, WorldModelCode.SIZE_MISMATCH)) is None
    assert events.take(answered(7, 3)) is None
