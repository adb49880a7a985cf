# SPDX-License-Identifier: BSD-3-Clause
"""JSON and iopub messages: what Python objects look like on the wire.

Text that is no valid Unicode (lone surrogates) and numbers that JSON has not (NaN) are repaired
here, so that one odd value never costs the user the whole message.
"""

import base64
import datetime
import json
import math
import numbers

import _celldap


def _default(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, (set, frozenset)):
        return list(value)
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
