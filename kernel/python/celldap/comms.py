# SPDX-License-Identifier: BSD-3-Clause
"""Comms: the kernel side of widgets, by the `comm` package where the environment has it."""

import _celldap

from celldap import around
from celldap.wire import publish

_manager = None


def _request_id(data):
    """The id of a custom message that wants an answer, as widgets send it; else None."""
    content = data.get("content") if isinstance(data, dict) else None
    request = content.get("id") if isinstance(content, dict) else None
    return request if isinstance(request, str) else None


def install():
    """Makes comm.create_comm() and comm.get_comm_manager() ours."""
    global _manager
    try:
        import comm
        from comm.base_comm import BaseComm, CommManager
    except ImportError:
        return None

    class Comm(BaseComm):
        def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
            request = _request_id(data)
            if request is not None:
                _celldap.comm_sent(request)
            content = {"data": {} if data is None else data, "comm_id": self.comm_id, **keys}
            publish(msg_type, content, metadata, buffers or ())

    _manager = CommManager()
    comm.create_comm = Comm
    comm.get_comm_manager = lambda: _manager
    return _manager


def handle(msg_type, content, metadata, buffers):
    """A comm_open, comm_msg or comm_close of a client. Main thread."""
    if _manager is None:
        if msg_type == "comm_open":
            publish("comm_close", {"comm_id": content.get("comm_id"), "data": {}})
        return
    message = {
        "header": {"msg_type": msg_type},
        "parent_header": {},
        "metadata": metadata,
        "content": content,
        "buffers": buffers,
    }
    around.enter()
    try:
        getattr(_manager, msg_type)(None, None, message)
    finally:
        around.leave()


def info(target_name=None):
    comms = dict(_manager.comms) if _manager is not None else {}
    return {
        comm_id: {"target_name": comm.target_name}
        for comm_id, comm in comms.items()
        if target_name in (None, "", comm.target_name)
    }
