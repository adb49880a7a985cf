# SPDX-License-Identifier: BSD-3-Clause
"""Behaviours that debugpy's own tests are about, driven once through celldap and once through
debugpy's adapter (debugpy_cases/, docs/debugpy-cases.md). Every difference is named and explained."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from dap_client import DapClient, Failed
from debugpy_cases import every, page
from debugpy_cases.session import DebugpyClient, Session

PEER_FAILED = (Failed, OSError, KeyError, StopIteration)
EVERY = pytest.mark.parametrize("case", every.HERE, ids=lambda case: case.name)


class Otherwise(AssertionError):
    """The peer does something else than the page says."""


def driven(case, folder, client_class):
    with client_class() as client:
        session = Session(client, case, folder)
        seen = case.drive(session)
        session.close()
        return seen


@pytest.fixture(scope="module")
def peers(request, tmp_path_factory):
    """Runs of debugpy, two at a time, since each takes a second or more to start."""
    with ThreadPoolExecutor(2) as pool:
        cases = [item.callspec.params["case"] for item in request.session.items
                 if getattr(item, "originalname", "") == "test_debugpy"]
        runs = {case.name: pool.submit(driven, case, tmp_path_factory.mktemp("debugpy"), DebugpyClient)
                for case in cases}
        yield runs
        pool.shutdown(cancel_futures=True)


@EVERY
def test_celldap(case, tmp_path):
    assert driven(case, tmp_path, DapClient) == case.expect


@EVERY
def test_debugpy(case, tmp_path_factory, peers, fresh_peers):
    def attempt():
        run = peers.pop(case.name, None)
        seen = run.result() if run else driven(case, tmp_path_factory.mktemp("again"), DebugpyClient)
        if seen != case.by_debugpy:  # its own races, on a loaded machine
            raise Otherwise(f"{seen}, not {case.by_debugpy}")

    try:
        fresh_peers(attempt, (*PEER_FAILED, Otherwise))
    except PEER_FAILED as error:
        pytest.skip(f"debugpy itself failed three times: {error!r:.200}")


def test_every_difference_is_one_and_has_its_reason():
    tests = [test for case in every.CASES for test in case.tests]
    assert len(tests) == len(set(tests)) >= 60
    assert len({case.name for case in every.CASES}) == len(every.CASES)
    for case in every.CASES:
        for name, (shown, why) in case.differs.items():
            assert case.expect[name] != shown and len(why.split()) > 5, (case.name, name)


def test_the_page_lists_the_cases():
    version = page.pinned_version()
    assert page.PAGE.read_text() == page.page(every.CASES, version), (
        "run python tests/system/debugpy_cases/page.py")
    import debugpy

    assert debugpy.__version__ == version
