# SPDX-License-Identifier: BSD-3-Clause
"""JSON and iopub messages: what Python objects look like on the wire.

Text that is no valid Unicode (lone surrogates) and numbers that JSON has not (NaN) are repaired
here, so that one odd value never costs the user the whole message.
"""

import binascii
import json
import math
import operator

import _celldap


def _default(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return binascii.b2a_base64(bytes(value), newline=False).decode("ascii")
    if isinstance(value, (set, frozenset)):
        return list(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "__index__"):
        return operator.index(value)
    if hasattr(value, "__float__"):
        return float(value)
    raise TypeError(f"{value!r} is not JSON serializable")


def _finite(value):
    """The value with NaN and infinities as text, and every key a str."""
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): _finite(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def dumps(value):
    """UTF-8 JSON as bytes."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_default)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, default=_default)
    return text.encode("utf-8", "replace")


def loads(data):
    return json.loads(data)


def publish(msg_type, content, metadata=None, buffers=()):
    """One iopub message with the parent of what runs now."""
    _celldap.publish(
        msg_type,
        dumps(content),
        dumps(metadata) if metadata else None,
        tuple(memoryview(b).cast("B") if not isinstance(b, bytes) else b for b in buffers or ()),
    )


def publish_error(ename, evalue, traceback):
    publish("error", {"ename": ename, "evalue": evalue, "traceback": traceback})
