# SPDX-License-Identifier: BSD-3-Clause
"""The suites that judge Jupyter's Python kernels: what passes on ipykernel passes on celldap."""

import os

import pytest
import suites

# What celldap does otherwise on purpose: the reason, and no more than these.
OTHERWISE = {
    "test_message_spec::test_non_execute_stop_on_error": (
        "kernel_info, comm_info and inspect are answered while the cell runs, not after it"
    ),
}


@pytest.mark.parametrize(
    "name",
    ["test_debugger", "test_message_spec", "test_kernel", "test_subshells", "test_async"],
)
@pytest.mark.timeout(1800)
def test_ipykernels_own(name):
    theirs = suites.tests_of_ipykernel(suites.ipykernel_spec(), name, "ipykernel")
    apart = [test.partition("::")[2] for test in OTHERWISE if test.startswith(f"{name}::")]
    ours = suites.tests_of_ipykernel(suites.our_spec(), name, "celldap", apart)
    for test in sorted(theirs | ours):
        print(f"{theirs.get(test, '-'):8} {ours.get(test, '-'):8} {test}")
    passed = {test for test, verdict in theirs.items() if verdict == "passed"}
    assert passed, "nothing of it ran on ipykernel"
    wrong = {test for test in passed if ours.get(test) != "passed"}
    assert wrong <= set(OTHERWISE), f"these pass on ipykernel: {sorted(wrong - set(OTHERWISE))}"


@pytest.mark.timeout(900)
def test_jupyter_kernel_test():
    here = os.path.dirname(os.path.abspath(__file__))
    samples = os.path.join(here, "jupyter_kernel_test_samples.py")
    ours = suites.run(suites.our_spec(), samples, here, "celldap-jupyter_kernel_test")
    for test, verdict in sorted(ours.items()):
        print(f"{verdict:8} {test}")
    assert len(ours) >= 13
    assert set(ours.values()) == {"passed"}
