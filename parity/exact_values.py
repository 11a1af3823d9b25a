"""Values and types in a form that loses nothing, the one that examples/parity_data/values.rs writes: for `cargo xtask parity data`."""

import struct

import datasets


def type_name(feature):
    """A feature as this project writes it."""
    if isinstance(feature, datasets.ClassLabel):
        return f"class_label({', '.join(feature.names)})"
    if isinstance(feature, (datasets.List, datasets.LargeList)):
        return f"list<{type_name(feature.feature)}>"
    if isinstance(feature, dict):
        return "struct<" + ", ".join(f"{name}: {type_name(field)}" for name, field in feature.items()) + ">"
    return feature.dtype if isinstance(feature, datasets.Value) else str(feature)


def float_of(value):
    return {"float": "NaN" if value != value else struct.pack(">d", value).hex()}


def exact(value, feature):
    """A value of a column's `to_pylist` in Arrow, where texts of JSON are not parsed yet."""
    if value is None:
        return None
    if isinstance(feature, datasets.Json):
        return {"json": value}
    if isinstance(feature, (datasets.List, datasets.LargeList)):
        return [exact(element, feature.feature) for element in value]
    if isinstance(feature, dict):
        return {"fields": [[name, exact(value[name], field)] for name, field in feature.items()]}
    if isinstance(value, float):
        return float_of(value)
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return value if isinstance(value, (bool, int, str)) else {"is": str(value).replace(" ", "T", 1)}
