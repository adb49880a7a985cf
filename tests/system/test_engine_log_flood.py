# SPDX-License-Identifier: BSD-3-Clause
"""Log messages faster than they can be sent (kernel/python/log_batch.c, dap/base/texts.c): each is an
event of its own, all come, in order, and before the stop that follows them."""

from debugger import Debugger

COUNT = 5000
LOOP = f"def f(n):\n    for i in range(n):\n        x = i\n    return n\nf({COUNT})\n"


def test_a_flood_is_told_whole_and_before_the_stop(kernel):
    kernel.run("pass")
    debugger = Debugger(kernel)
    path = debugger.body("dumpCell", code=LOOP)["sourcePath"]
    wanted = [{"line": 3, "logMessage": "i={i}"}, {"line": 4}]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=wanted)
    cell, told = kernel.start(LOOP), []
    while True:
        message = kernel.iopub()
        if message["msg_type"] == "debug_event":
            event = message["content"]
            if event["event"] == "stopped":
                break
            if event["event"] == "output":
                told.append(event["body"])
    assert [t["output"] for t in told] == [f"i={i}\n" for i in range(COUNT)]
    assert {t["line"] for t in told} == {3}
    debugger.go_on(cell)
