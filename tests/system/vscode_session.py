# SPDX-License-Identifier: BSD-3-Clause
"""What vscode-jupyter sends to a kernel while a cell is debugged, in its order (facts: jupyter.md §5).

The requests are written from its behaviour; the hidden code does what its hidden code does. Every
reply is recorded under a label, so that two kernels can be compared.
"""

import re

CHECK = "import builtins\nimport ipykernel\nbuiltins.print({0!r} + ipykernel.__version__ + {0!r})"
DELIMITER = "##_f47ac10b_##"
HELPER = '''\
def _VSCODE_getVariable(what_to_get, is_debugging, *args):
    import json as _VSCODE_json
    import builtins as _VSCODE_builtins

    def _VSCODE_describe(variable):
        answer = {"type": _VSCODE_builtins.type(variable).__name__}
        try:
            answer["count"] = _VSCODE_builtins.len(variable)
        except _VSCODE_builtins.TypeError:
            pass
        answer["value"] = _VSCODE_builtins.repr(variable)[:1000]
        return answer

    if what_to_get == "info":
        result = _VSCODE_describe(args[0])
    elif what_to_get == "rows":
        result = {"data": _VSCODE_builtins.list(args[0][args[1]:args[2]])}
    else:
        result = [_VSCODE_describe(a) for a in args]
    if is_debugging:
        return _VSCODE_json.dumps(result)
    _VSCODE_builtins.print(_VSCODE_json.dumps(result))
'''
CLEAN_UP = "try:\n    del _VSCODE_getVariable\nexcept:\n    pass\n"
REMOVE = '''\
import os as _VSCODE_os
_VSCODE_fileList = [{}]
for file in _VSCODE_fileList:
    try:
        _VSCODE_os.remove(file)
    except:
        pass
del _VSCODE_fileList
del _VSCODE_os'''

CELLS = [
    "def twice(x):\n    y = 2 * x\n    return y\n",
    "name = 'caf\\xe9 \"q\"'\nitems = list(range(200))\nresult = twice(4)\nprint(result)\nlast = 1\n",
]
INITIALIZE = {
    "clientID": "vscode", "clientName": "Visual Studio Code",
    "adapterID": "Python Kernel Debug Adapter", "pathFormat": "path",
    "linesStartAt1": True, "columnsStartAt1": True, "supportsVariableType": True,
    "supportsVariablePaging": True, "supportsRunInTerminalRequest": True, "locale": "en",
    "supportsProgressReporting": True, "supportsInvalidatedEvent": True,
    "supportsMemoryReferences": True, "supportsArgsCanBeInterpretedByShell": True,
    "supportsMemoryEvent": True, "supportsStartDebuggingRequest": True,
    "supportsANSIStyling": True,
}
ATTACH = {
    "type": "Python Kernel Debug Adapter", "name": "nb.ipynb", "request": "attach",
    "internalConsoleOptions": "neverOpen", "justMyCode": True, "__mode": "cell",
    "__cellIndex": 1, "__notebookUri": "file:///nb.ipynb",
}


# Told a little after something was loaded (kernel/debug/loaded.c): whatever runs then, is running.
ANY_TIME = ("loadedSource", "module")


def in_order(message):
    """The message's type, where its place among a cell's messages is told by the protocol."""
    if message["msg_type"] == "debug_event" and message["content"]["event"] in ANY_TIME:
        return None
    return message["msg_type"]


class Session:
    """One debugging of CELLS[1] with a breakpoint in its line 3. record: label -> what came back."""

    def __init__(self, kernel, cells=CELLS, line=3):
        self.kernel, self.cells, self.line = kernel, list(cells), line
        self.record, self.seq, self.paths, self.events = {}, 0, {}, []

    # one message each

    def debug(self, label, command, **arguments):
        self.seq += 1
        content = {"type": "request", "seq": self.seq, "command": command, "arguments": arguments}
        reply = self.kernel.ask("control", "debug_request", content)
        assert reply["type"] == "response" and reply["request_seq"] == self.seq
        assert reply["command"] == command
        self.record[label] = {k: reply[k] for k in ("success", "message", "body") if k in reply}
        return reply.get("body", {})

    def hidden(self, label, code):
        """executeHidden: silent, nothing in the history."""
        content = {
            "code": code, "silent": True, "store_history": False, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": False,
        }
        cell = self.kernel.run_request(content)
        self.record[label] = {
            "status": cell.reply["content"]["status"], "stdout": cell.stream("stdout"),
            "stderr": cell.stream("stderr"), "types": [t for t in map(in_order, cell.messages) if t],
        }
        return cell

    def stopped(self, cell):
        while True:
            m = self.kernel.iopub()
            if m["msg_type"] == "debug_event":
                self.events.append(m["content"])
                if m["content"]["event"] == "stopped":
                    return m["content"]["body"]
            if m["parent_header"].get("msg_id") == cell.msg_id:
                cell.messages.append(m)
                assert m["msg_type"] != "error", m["content"]

    def wait_for_stop(self, where):
        self.record[f"stopped {where}"] = body = self.stopped(self.cell)
        return body["threadId"]

    def dump(self, label, index):
        self.paths[index] = self.debug(label, "dumpCell", code=self.cells[index])["sourcePath"]

    # the steps

    def check_kernel(self):
        self.hidden("ipykernel", CHECK.format(DELIMITER))
        found = self.record["ipykernel"]["stdout"].strip().split(DELIMITER)
        return re.fullmatch(r"(\d+)\.\d+\.\d+", found[1])

    def start(self):
        self.debug("initialize", "initialize", **INITIALIZE)
        for thread in self.debug("debugInfo", "debugInfo")["stoppedThreads"]:
            self.debug("continue before attach", "continue", threadId=thread)
        self.debug("attach", "attach", **ATTACH)
        self.dump("dumpCell", 1)
        source = {"name": "nb.ipynb", "path": self.paths[1]}
        self.debug(
            "setBreakpoints", "setBreakpoints", source=source, lines=[self.line],
            breakpoints=[{"line": self.line}], sourceModified=False,
        )
        self.debug("setFunctionBreakpoints", "setFunctionBreakpoints", breakpoints=[])
        self.debug("setExceptionBreakpoints", "setExceptionBreakpoints", filters=[])
        self.hidden("debugpy", "import debugpy\ndebugpy.debug_this_thread()")
        for index in range(len(self.cells)):
            self.dump(f"dumpCell {index}", index)
        self.debug("configurationDone", "configurationDone")

    def stop(self):
        self.cell = self.kernel.start(self.cells[1])
        self.thread = self.wait_for_stop("at the breakpoint")
        self.look("at the breakpoint")

    def look(self, where):
        thread = self.thread
        self.debug(f"threads {where}", "threads")
        self.debug(f"first frame {where}", "stackTrace", threadId=thread, startFrame=0, levels=1)
        frames = self.debug(
            f"stackTrace {where}", "stackTrace", threadId=thread, startFrame=0, levels=20
        )["stackFrames"]
        self.frame = frames[0]["id"]
        scopes = self.debug(f"scopes {where}", "scopes", frameId=self.frame)["scopes"]
        for scope in scopes:
            name = scope["name"].lower()
            self.debug(f"{name} {where}", "variables", variablesReference=scope["variablesReference"])

    def evaluate(self, label, expression, **more):
        options = {"frameId": self.frame, "context": "repl", "format": {"rawString": True}, **more}
        return self.debug(label, "evaluate", expression=expression, **options)

    def inspect(self):
        """The variables pane and the data viewer."""
        self.evaluate("helper", HELPER)
        for name in ("name", "items", "twice"):
            call = f'_VSCODE_getVariable("info", True, {name})'
            self.evaluate(f"info {name}", call)
        call = '_VSCODE_getVariable("rows", True, items, 0, 100)'
        self.evaluate("rows", call)
        self.evaluate("clean-up", CLEAN_UP)
        self.evaluate("raw string", "name")
        self.evaluate("quoted string", "name", format={})
        self.evaluate("hover", "items", context="hover", format={})
        self.evaluate("watch", "len(items)", context="watch", format={})
        self.evaluate("wrong", "nonsense_", context="watch", format={})
        self.evaluate("None", "None")

    def step(self, command, where):
        self.debug(command, command, threadId=self.thread)
        self.wait_for_stop(where)
        self.look(where)

    def end(self):
        self.debug("continue", "continue", threadId=self.thread)
        self.cell.wait()
        self.record["cell"] = {
            "status": self.cell.status, "stdout": self.cell.stream("stdout"),
        }
        files = ",".join(f'"{p}"' for p in self.paths.values())
        self.hidden("remove", REMOVE.format(files))
        self.debug("disconnect", "disconnect", restart=False)

    def run(self):
        assert self.check_kernel()
        self.kernel.run(self.cells[0])
        self.start()
        self.stop()
        self.inspect()
        self.step("stepIn", "in the function")
        self.step("next", "in its second line")
        self.step("stepOut", "back in the cell")
        self.end()
        return self
