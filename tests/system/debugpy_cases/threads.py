# SPDX-License-Identifier: BSD-3-Clause
"""Cases: threads that come and go, step and wait; pause; the end; output."""

from debugpy_cases.cases import case
from debugpy_cases.values import done

MAIN = ("the main thread was there before the client, which finds it by `threads`; celldap tells of "
        "those that start later")


@case(
    "test_case_json_protocol",
    program="def call():\n    print('one')  # here\n\ncall()\n",
    expect={"started": 0, "threads": ["MainThread"], "code": 0, "stdout": "one\n"},
    differs={"started": (1, MAIN)},
)
def the_main_thread(s):
    s.start("here")
    stop = s.stopped()
    threads = [t["name"] for t in s.request("threads")["threads"]]
    s.go(stop)
    code = s.end()
    started = [m for kind, name, m in s.client.timeline
               if (kind, name) == ("evt", "thread") and m["body"]["reason"] == "started"]
    return {"started": len(started), "threads": threads, "code": code, "stdout": s.stdout}


@case(
    "test_case_started_exited_threads_protocol",
    program="""
import threading

class Short(threading.Thread):
    def run(self):
        pass

threads = [Short() for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("ready")  # here
""",
    expect={"started": 3, "exited": 3},
    differs={"started": (4, MAIN)},
)
def threads_start_and_exit(s):
    s.start("here")
    stop = s.stopped()
    events = [m["body"]["reason"] for kind, name, m in s.client.timeline
              if (kind, name) == ("evt", "thread")]
    return done(s, stop, started=events.count("started"), exited=events.count("exited"))


@case(
    "test_case_json_continue_all_threads",
    program="""
import threading

go = threading.Event()

def other():
    go.wait()

thread = threading.Thread(target=other)
thread.start()
print("ready")  # here
go.set()
thread.join()
print("joined")
""",
    expect={"all": True, "stdout": "ready\njoined\n", "stopped": True},
)
def continue_lets_every_thread_go(s):
    s.start("here")
    stop = s.stopped()
    everyone = s.request("continue", threadId=stop.thread).get("allThreadsContinued", True)
    s.end()
    return {"all": everyone, "stdout": s.stdout, "stopped": stop.event["allThreadsStopped"]}


STEPPING = """
import threading

ready, first, second, third = (threading.Event() for _ in range(4))

def one():
    ready.wait()
    first.set()  # here
    seen = False
    second.wait()
    seen = True
    third.set()

def two():
    ready.set()
    first.wait()
    second.set()
    third.wait()

threads = [threading.Thread(target=one, name="one"), threading.Thread(target=two, name="two")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("joined")
"""


@case(
    "test_step_next_step_in_multi_threads",
    program=STEPPING,
    expect={"names": ["MainThread", "one", "two"], "steps": ["step one: seen = False",
            "step one: second.wait()", "step one: seen = True"], "same": True},
)
def a_step_lets_the_other_threads_run(s):
    s.start("here")
    stop = s.stopped()
    names = sorted(t["name"] for t in s.request("threads")["threads"])
    stops = [s.next(stop)]
    stops += [s.next(stops[-1])]
    stops += [s.next(stops[-1])]
    same = {each.thread for each in stops} == {stop.thread}
    return done(s, stops[-1], names=names, steps=[str(each) for each in stops], same=same)


@case(
    "test_step_out_multi_threads",
    program=STEPPING,
    expect={"code": 0, "stdout": "joined\n"},
    justMyCode=True,
)
def a_step_out_of_a_thread_ends_it(s):
    s.start("here")
    stop = s.stopped()
    s.resume("stepOut", stop)
    return {"code": s.end(), "stdout": s.stdout}


@case(
    "test_internal_thread",
    program="""
import _thread

entered = _thread.allocate_lock()
entered.acquire()

def method():
    here = 1  # here
    entered.release()

_thread.start_new_thread(method, ())
entered.acquire()
print("ready")
""",
    expect={"stop": "breakpoint method: here = 1", "stdout": "ready\n", "code": 0},
    justMyCode=False,
)
def a_thread_that_threading_did_not_make(s):
    s.start("here")
    stop = s.stopped()
    s.go(stop)
    return {"stop": str(stop), "code": s.end(), "stdout": s.stdout}


@case(
    "test_pause_and_continue",
    program="""
def spin():
    loop = True
    print("ready")
    while loop:
        for i in range(1000):
            pass

spin()
print("over")
""",
    expect={"reason": "pause", "name": "spin", "set": "False bool", "code": 0,
            "stdout": "ready\nover\n"},
)
def pause_and_change_the_loop(s):
    s.start()
    s.client.output("ready", "stdout")
    s.request("pause", threadId=1)
    stop = s.stopped()
    body = s.request("setVariable", variablesReference=s.scope(stop, "Locals"), name="loop",
                     value="False")
    s.go(stop)
    return {"reason": stop.reason, "name": stop.names[0], "set": f"{body['value']} {body['type']}",
            "code": s.end(), "stdout": s.stdout}


ECHO = """
import queue
import threading

asked = queue.Queue()

def echo():
    while (item := asked.get()) is not None:
        text, answered = item
        print("processed", text)  # inside
        answered.set()

def process(text):
    answered = threading.Event()
    asked.put((text, answered))
    answered.wait()
    return "answered " + text

class Connection:
    @property
    def interval(self):
        return process("property")

connection = Connection()
thread = threading.Thread(target=echo)
thread.start()
print("ready")  # here
asked.put(None)
thread.join()
"""
UNBLOCKED = {"env": {"PYDEVD_UNBLOCK_THREADS_TIMEOUT": "0.3",
                     "PYDEVD_UNBLOCK_THREADS_ON_VARIABLES_TIMEOUT": "0.3"}}


@case(
    "test_debugger_case_deadlock_thread_eval",
    program=ECHO,
    expect={"result": "'answered call'", "stdout": "ready\nprocessed call\n"},
    **UNBLOCKED,
)
def an_evaluation_that_needs_another_thread(s):
    s.start("here")
    stop = s.stopped()
    result = s.value("process('call')", stop, "repl")
    s.go(stop)
    s.end()
    return {"result": result, "stdout": "".join(sorted(s.stdout.splitlines(True), reverse=True))}


@case(
    "test_debugger_case_deadlock_thread_variables",
    program=ECHO,
    expect={"listed": True, "alive": "2"},
    **UNBLOCKED,
)
def a_property_that_needs_another_thread(s):
    s.start("here")
    stop = s.stopped()
    reference = s.globals(stop)["connection"]["variablesReference"]
    listed = "interval" in [v["name"] for v in s.children(reference)]
    return done(s, stop, listed=listed, alive=s.value("1 + 1", stop))


@case(
    "test_redirect_output",
    program="""
import sys

for stream in (sys.stdout, sys.stderr):
    stream.write("text\\n")
    stream.write("a\u00e7\u00e3o1\\n")
    stream.flush()
    stream.buffer.write(b"binary\\n")
    stream.buffer.write("a\u00e7\u00e3o2\\n".encode())
    stream.buffer.flush()
""",
    expect={"stdout": "text\na\u00e7\u00e3o1\nbinary\na\u00e7\u00e3o2\n", "same": True},
)
def what_is_written_to_the_streams(s):
    s.start()
    s.end()
    return {"stdout": s.stdout, "same": s.stdout == s.output("stderr")}


@case(
    "test_terminate",
    program="""
print("ready", flush=True)
while True:
    pass
""",
    expect={"ended": True, "stdout": "ready\n"},
)
def terminate_ends_a_loop(s):
    s.start()
    s.client.output("ready", "stdout")
    s.request("terminate")
    s.client.event("terminated")
    return {"ended": True, "stdout": s.stdout}


@case(
    "test_soft_terminate",
    program="""
try:
    print("ready", flush=True)
    while True:
        pass  # here
except KeyboardInterrupt:
    print("interrupted")
    raise
""",
    expect={"stdout": "ready\ninterrupted\n"},
    differs={"stdout": ("ready\n", "debugpy kills the process; celldap ends it by a KeyboardInterrupt "
                        "first, so that it can clean up")},
)
def terminate_while_stopped(s):
    s.start("here")
    s.stopped()
    s.request("terminate")
    s.client.event("terminated")
    return {"stdout": s.stdout}
