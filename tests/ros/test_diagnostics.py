"""What a node says of its health."""

from __future__ import annotations

from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.msg import Transition

from tests.ros.conftest import Graph
from vjepa2_node.diagnostics import TOPIC, Health
from vjepa2_node.latencies import Latencies
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.qos import EVENTS
from vjepa2_node.rate import Rate


class Patient(ManagedNode):
    """Has the health that it is told to have."""

    def __init__(self, **options: Any) -> None:
        super().__init__("patient", (), **options)
        self.state: Health | Exception = Health(values={"rate_hz": 29.97123, "count": 3})

    def health(self) -> Health:
        if isinstance(self.state, Exception):
            raise self.state
        return self.state


def test_each_level_comes_with_a_sentence(graph: Graph) -> None:
    """Well, warning, error, and a fault of the telling itself."""
    inbox = graph.collect(DiagnosticArray, TOPIC, EVENTS)
    node = graph.add(Patient)

    def told(level: bytes) -> DiagnosticStatus:
        array = inbox.until(
            lambda m: (
                m.status[0].level == level and m.status[0].message != "the node is not active"
            )
        )
        assert array.header.stamp.sec > 0
        return array.status[0]

    well = told(DiagnosticStatus.OK)
    assert (well.name, well.message) == ("/patient", "well")
    assert {v.key: v.value for v in well.values} == {"rate_hz": "29.97", "count": "3"}
    node.state = Health(warning="a cough")
    assert told(DiagnosticStatus.WARN).message == "a cough"
    node.state = Health(error="a fever", warning="a cough")
    assert told(DiagnosticStatus.ERROR).message == "a fever"
    inbox.messages.clear()
    node.state = KeyError("where does it hurt?")
    assert "KeyError" in told(DiagnosticStatus.ERROR).message


def test_an_inactive_node_says_so(graph: Graph) -> None:
    """Before it is active, and after."""
    inbox = graph.collect(DiagnosticArray, TOPIC, EVENTS)
    graph.add(Patient)
    inbox.until(lambda m: m.status[0].message == "well")
    graph.change("patient", Transition.TRANSITION_DEACTIVATE)
    inbox.messages.clear()
    status = inbox.until(lambda m: m.status[0].level != DiagnosticStatus.OK).status[0]
    assert (status.level, status.message) == (DiagnosticStatus.WARN, "the node is not active")


def test_percentiles_of_what_took_how_long() -> None:
    """Of the finite ones, in milliseconds."""
    latencies = Latencies()
    assert latencies.values("plan") == {"plan_count": 0}
    for seconds in (*(0.1,) * 98, 0.5, 0.7, float("nan")):
        latencies.took(seconds)
    values = latencies.values("plan")
    assert values["plan_count"] == 100
    assert values["plan_ms_p50"] == 100.0
    assert 499.0 < float(str(values["plan_ms_p99"])) < 701.0


def test_a_rate_needs_two_events() -> None:
    """Then it has an age, too."""
    rate = Rate()
    rate.event()
    assert rate.values("image") == {}
    rate.event()
    assert set(rate.values("image")) == {"image_rate_hz", "image_age_s"}
