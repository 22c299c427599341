"""This stack's messages as rosbags knows types, read off the Python classes of ROS."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore
from rosidl_parser import definition as idl

_BASIC = {"double": "float64", "float": "float32", "boolean": "bool", "octet": "byte"}


@cache
def typestore() -> Typestore:
    """The types of ROS 2 Jazzy; those of this stack are added as they are registered."""
    return get_typestore(Stores.ROS2_JAZZY)


def register(kind: type[Any]) -> str:
    """Make a message class, and all that it is made of, known; its name, as in a bag."""
    package, folder, *_ = kind.__module__.split(".")
    name = f"{package}/{folder}/{kind.__name__}"
    if name not in typestore().fielddefs:
        fields = zip(kind.get_fields_and_field_types(), kind.SLOT_TYPES, strict=True)
        text = "\n".join(f"{_field_type(slot)} {field}" for field, slot in fields)
        typestore().register(get_types_from_msg(text, name))
    return name


def _field_type(slot: Any) -> str:
    match slot:
        case idl.BasicType():
            return str(_BASIC.get(slot.typename, slot.typename))
        case idl.UnboundedString():
            return "string"
        case idl.NamespacedType():
            return register(getattr(import_module(".".join(slot.namespaces)), slot.name))
        case idl.Array():
            return f"{_field_type(slot.value_type)}[{slot.size}]"
        case idl.BoundedSequence():
            return f"{_field_type(slot.value_type)}[<={slot.maximum_size}]"
        case idl.UnboundedSequence():
            return f"{_field_type(slot.value_type)}[]"
    raise TypeError(f"a field of type {slot!r} cannot be recorded")
