"""Parameters as data: name, default, description and range, declared in one place for a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.exceptions import InvalidParameterValueException, ParameterException
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter

Value = bool | int | float | str | list[float] | list[str] | list[int]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a node.

    lower, upper: range of a number, or of each number of a list; both or neither.
    choices: the strings that are allowed, where not all are.
    length: of a list.
    fixed: can only be changed while the node is unconfigured.
    """

    name: str
    default: Value
    description: str
    lower: float | None = None
    upper: float | None = None
    choices: tuple[str, ...] = ()
    length: int | None = None
    fixed: bool = False

    def descriptor(self) -> ParameterDescriptor:
        """For `declare_parameter`; the range of a list and the choices are in the text too."""
        described = ParameterDescriptor(name=self.name, description=self.description)
        if self.choices:
            described.additional_constraints = "one of " + ", ".join(self.choices)
        if self.lower is None or self.upper is None:
            return described
        if isinstance(self.default, list):
            described.additional_constraints = f"each from {self.lower:g} to {self.upper:g}"
        elif isinstance(self.default, float):
            described.floating_point_range = [
                FloatingPointRange(from_value=float(self.lower), to_value=float(self.upper))
            ]
        else:
            described.integer_range = [
                IntegerRange(from_value=int(self.lower), to_value=int(self.upper), step=1)
            ]
        return described

    def fault(self, value: Any) -> str:
        """Why `value` is refused, in a sentence that names the parameter; empty if it is not."""
        if self.choices and value not in self.choices:
            return f"{self.name} must be one of {', '.join(self.choices)}, not {value!r}"
        if self.length is not None and len(value) != self.length:
            return f"{self.name} must have {self.length} numbers, not {len(value)}"
        if self.lower is None or self.upper is None:
            return ""
        for number in value if isinstance(self.default, list) else [value]:
            if not self.lower <= number <= self.upper:
                return (
                    f"{self.name} must lie within {self.lower:g} to {self.upper:g}, not {number:g}"
                )
        return ""


class ParameterError(ValueError):
    """A parameter has a value that it must not have; the message names it."""


class Parameters:
    """The declared parameters of a node: read as a mapping, validated on every change.

    check: is given all values that would hold, and raises ValueError for a combination that must
    not be. frozen: whether parameters that are `fixed` may not be changed now.
    """

    def __init__(
        self,
        node: Node,
        parameters: Sequence[Parameter],
        check: Callable[[Values], object] = lambda values: None,
        frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        """Declare all; raises ParameterError for a value that was given and is not allowed."""
        self._parameters = {parameter.name: parameter for parameter in parameters}
        self._check = check
        self._frozen = frozen
        self._values: dict[str, Any] = {}
        for parameter in parameters:
            self._values[parameter.name] = self._declared(node, parameter)
        try:
            check(self._values)
        except ValueError as error:
            raise ParameterError(str(error)) from error
        node.add_on_set_parameters_callback(self._on_set)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def values(self) -> Values:
        """All values by name, as they are now."""
        return dict(self._values)

    def _declared(self, node: Node, parameter: Parameter) -> Any:
        try:
            value = node.declare_parameter(
                parameter.name, parameter.default, parameter.descriptor()
            ).value
        except InvalidParameterValueException:
            given = node._parameter_overrides[parameter.name].value
            raise ParameterError(
                parameter.fault(given) or f"{parameter.name} cannot be {given!r}"
            ) from None
        except ParameterException as error:
            raise ParameterError(f"{parameter.name}: {error}") from None
        value = list(value) if isinstance(parameter.default, list) else value
        if fault := parameter.fault(value):
            raise ParameterError(fault)
        return value

    def _on_set(self, changes: list[RosParameter]) -> SetParametersResult:
        wanted = dict(self._values)
        for change in changes:
            parameter = self._parameters.get(change.name)
            if parameter is None:
                continue
            value = list(change.value) if isinstance(parameter.default, list) else change.value
            if fault := parameter.fault(value):
                return SetParametersResult(successful=False, reason=fault)
            if parameter.fixed and self._frozen() and value != self._values[change.name]:
                return SetParametersResult(
                    successful=False,
                    reason=f"{change.name} can only be changed while the node is unconfigured; "
                    "clean the node up first",
                )
            wanted[change.name] = value
        try:
            self._check(wanted)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self._values = wanted
        return SetParametersResult(successful=True)
