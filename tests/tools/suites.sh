# SPDX-License-Identifier: BSD-3-Clause
# Sourced by ./dev: the test suites. Each is a function suite_NAME that writes what it does to
# stdout and ends by `counted KIND FILE` or `counted_as P F S`. Three lanes of suites run side
# by side: the build that users have, what waits for others, and the sanitizer and fuzz builds.
# shellcheck shell=bash

ALL_SUITES="unit system remote pythons peers debugclient lab web vscode tsan fuzz asan-unit asan-system asan-remote asan-debugclient"
SLOW_LANE="tsan fuzz asan-unit asan-system asan-remote asan-debugclient"
WAITING_LANE="pythons peers lab web vscode" # mostly waits for servers, browsers, peers
BARE_SUITES="unit engine pythons tsan fuzz asan-unit" # the build and build/venv are enough

counted() { "$VENV/bin/python" "$ROOT/tests/tools/counts.py" "$1" "$2" >"$RESULTS/$SUITE.count"; }
counted_as() { echo "$1 $2 $3" >"$RESULTS/$SUITE.count"; }

unit_tests_in() {
    local record=$RESULTS/$SUITE.ctest
    ctest --test-dir "$1" -j 2 -V --timeout 120 </dev/null >"$record" 2>&1 || true
    cat "$record"
    counted ctest "$record"
}

# pytest_in TREE [pytest argument…]
pytest_in() {
    local tree=$1
    shift
    rm -f "$RESULTS/$SUITE.xml"
    CELLDAP_BUILD=$tree "$VENV/bin/python" -m pytest -q --timeout 300 -ra --junitxml "$RESULTS/$SUITE.xml" \
        "$@" </dev/null 2>&1 || true
    counted junit "$RESULTS/$SUITE.xml"
}

# system_tests_in TREE [pytest argument…]; those with servers are a suite of their own.
system_tests_in() { pytest_in "$@" --ignore-glob '*/test_remote_*' "$ROOT/tests/system"; }

# A real Jupyter Server and a real Enterprise Gateway, each in its own environment.
remote_in() { pytest_in "$1" "$ROOT"/tests/system/test_remote_*.py; }

# Jupyter's own suites, on celldap and on ipykernel as the judge.
peers_in() {
    rm -f "$RESULTS/$SUITE.xml"
    CELLDAP_BUILD=$1 "$VENV/bin/python" -m pytest -q -ra --junitxml "$RESULTS/$SUITE.xml" \
        "$ROOT/tests/peers" </dev/null 2>&1 || true
    counted junit "$RESULTS/$SUITE.xml"
}

# On standard input and output; by TCP and by websocket what is not about the adapter's own life.
debugclient_in() {
    local record=$RESULTS/$SUITE.tap door
    (
        cd "$ROOT/tests/system/node" || exit 1
        export CELLDAP_BUILD=$1 CELLDAP_TEST_PYTHON=$VENV/bin/python
        node --test --test-reporter=tap ./*.test.js </dev/null
        for door in tcp ws; do
            echo "# door: $door"
            CELLDAP_DOOR=$door node --test --test-reporter=tap breakpoints.test.js stepping.test.js \
                values.test.js </dev/null
        done
    ) >"$record" 2>&1 || true
    cat "$record"
    counted tap "$record"
}

# JupyterLab in a headless browser; pictures of every step, and of a failure, stay in build/results.
lab_in() {
    local record=$RESULTS/$SUITE.tap
    (cd "$ROOT/tests/system/lab" && CELLDAP_BUILD=$1 CELLDAP_PICTURES=$RESULTS/lab \
        node --test --test-reporter=tap ./*.test.mjs </dev/null) >"$record" 2>&1 || true
    cat "$record"
    counted tap "$record"
}

# The page: its pure modules in node, then all of it in a headless browser on the real bridge.
web_in() {
    local record=$RESULTS/$SUITE.tap
    (cd "$ROOT/web" && CELLDAP_BUILD=$1 CELLDAP_PICTURES=$RESULTS/web \
        node --import tsx --test --test-concurrency=1 --test-reporter=tap \
        tests/unit/*.test.ts tests/page/*.test.ts </dev/null) >"$record" 2>&1 || true
    cat "$record"
    counted tap "$record"
}

# The extension: types, lint, format, the .vsix, unit tests, DebugClient, and VS Code in a headless browser.
# What is checked before the tests counts as one more.
vscode_in() {
    local record=$RESULTS/$SUITE.tap passed failed skipped checked=1
    cd "$ROOT/vscode-sample" || return 1
    npm run check </dev/null 2>&1 && npm run package </dev/null 2>&1 || checked=0
    CELLDAP_BUILD=$1 CELLDAP_PICTURES=$RESULTS/vscode CELLDAP_TEST_PYTHON=$VENV/bin/python CELLDAP_TAP=1 \
        node scripts/test.mjs </dev/null >"$record" 2>&1 || true
    cat "$record"
    counted tap "$record"
    read -r passed failed skipped <"$RESULTS/$SUITE.count"
    counted_as $((passed + checked)) $((failed + 1 - checked)) "$skipped"
}

# with_sanitizers COMMAND…: a report that no test looked at still makes the suite fail. A child process
# of the user's is a plain python into which our module comes late: hence verify_asan_link_order.
with_sanitizers() {
    local reports=$RESULTS/$SUITE.reports
    rm -rf "$reports"
    mkdir -p "$reports"
    export ASAN_OPTIONS="${ASAN_LEAKS:-detect_leaks=0}:abort_on_error=1:log_path=$reports/asan:detect_stack_use_after_return=1:verify_asan_link_order=0"
    export UBSAN_OPTIONS="print_stacktrace=1:log_path=$reports/ubsan"
    export TSAN_OPTIONS="suppressions=$ROOT/tests/tools/tsan.supp:log_path=$reports/tsan:second_deadlock_stack=1"
    "$@"
    if [ -n "$(ls -A "$reports")" ]; then
        echo "sanitizer reports:"
        cat "$reports"/*
        local passed failed skipped
        read -r passed failed skipped <"$RESULTS/$SUITE.count"
        counted_as "$passed" $((failed + $(find "$reports" -type f | wc -l))) "$skipped"
    fi
}

suite_unit() { build default && unit_tests_in "$BUILD"; }
suite_system() { build default && system_tests_in "$BUILD"; }
suite_remote() { (setup_remote) && build default && remote_in "$BUILD"; }
suite_peers() { build default && peers_in "$BUILD"; }
suite_debugclient() { build default && debugclient_in "$BUILD"; }
suite_web() { (setup_browser) && build default && web_in "$BUILD"; }
suite_vscode() { setup_vscode && build default && vscode_in "$BUILD"; }
suite_lab() { (setup_lab) && build default && lab_in "$BUILD"; }
suite_asan-unit() { build asan && ASAN_LEAKS=detect_leaks=1 with_sanitizers unit_tests_in "$BUILD/asan"; }
# Python's own objects come from malloc here, so that a use after free of one is seen too.
# debugpy's half of its cases has nothing of ours in it.
suite_asan-system() {
    build asan && PYTHONMALLOC=malloc with_sanitizers system_tests_in "$BUILD/asan" \
        --deselect system/test_debugpy_cases.py::test_debugpy
}
suite_asan-remote() { (setup_remote) && build asan && PYTHONMALLOC=malloc with_sanitizers remote_in "$BUILD/asan"; }
suite_asan-debugclient() { build asan && PYTHONMALLOC=malloc with_sanitizers debugclient_in "$BUILD/asan"; }

# TSan's shadow memory needs the old address layout: some kernels spread mappings too widely.
suite_tsan() {
    build tsan celldap_unit_tests || return 1
    local -a fixed=()
    setarch -R true 2>/dev/null && fixed=(setarch -R)
    with_sanitizers_in_layout "${fixed[@]}"
}
with_sanitizers_in_layout() {
    TSAN_LAYOUT="$*" with_sanitizers tsan_units
}
tsan_units() {
    local record=$RESULTS/$SUITE.ctest
    # shellcheck disable=SC2086 # words wanted
    $TSAN_LAYOUT ctest --test-dir "$BUILD/tsan" -j 2 -V --timeout 300 </dev/null >"$record" 2>&1 || true
    cat "$record"
    counted ctest "$record"
}

# Each fuzz target over its corpus and the crashes found before, then some seconds of its own.
suite_fuzz() {
    local clang target name folder passed=0 failed=0
    local -a known
    clang=$(find_fuzz_clang)
    if [ -z "$clang" ]; then
        echo "skipped: no clang with libFuzzer here, and apt cannot be used; please run:"
        echo "sudo apt-get install -y --no-install-recommends clang, then libclang-rt-N-dev of its version N"
        counted_as 0 0 1
        return 0
    fi
    configure fuzz "-DCMAKE_C_COMPILER=$clang" && cmake --build "$BUILD/fuzz" --target celldap_fuzzers || return 1
    for target in "$BUILD"/fuzz/fuzz/fuzz_*; do
        name=$(basename "$target")
        mkdir -p "$RESULTS/corpus/$name"
        known=()
        for folder in "$ROOT/tests/fuzz/corpus/${name#fuzz_}" "$ROOT/tests/fuzz/regression/${name#fuzz_}"; do
            [ -d "$folder" ] && known+=("$folder")
        done
        if "$target" -max_total_time=8 -timeout=10 -print_final_stats=1 -artifact_prefix="$RESULTS/$name-" \
            "$RESULTS/corpus/$name" "${known[@]}" </dev/null 2>&1; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
        fi
    done
    counted_as "$passed" "$failed" 0
}

run_suite() {
    SUITE=$1
    local log=$RESULTS/$SUITE.log begin=$SECONDS
    rm -f "$RESULTS/$SUITE.count"
    if ! ("suite_$SUITE") >"$log" 2>&1 || [ ! -s "$RESULTS/$SUITE.count" ]; then
        counted_as 0 1 0
    fi
    local passed failed skipped
    read -r passed failed skipped <"$RESULTS/$SUITE.count"
    {
        if [ "$failed" != 0 ] || [ "$passed" = 0 ]; then
            echo "---- $SUITE (the end of $log)"
            tail -n 150 "$log"
            echo "----"
        fi
        printf '%-17s %5d passed, %d failed, %d skipped (%d s)\n' "$SUITE" "$passed" "$failed" "$skipped" $((SECONDS - begin))
    } >"$RESULTS/$SUITE.report"
    cat "$RESULTS/$SUITE.report"
}

run_lane() {
    local suite
    for suite in "$@"; do
        run_suite "$suite"
    done
}

# wants SUITE [name…]: is it asked for, by name or with all?
wants() {
    local suite=$1
    shift
    [ $# = 0 ] || [[ " $* " == *" $suite "* ]]
}

# needs_more [name…]: is there one that needs node or the source distributions?
needs_more() {
    local suite
    for suite in "$@"; do
        case " $BARE_SUITES " in *" $suite "*) ;; *) return 0 ;; esac
    done
    [ $# = 0 ]
}

# run_suites [name…]: prints each one's counts and, at last, the sum; fails when a test failed.
run_suites() {
    local suite sum_passed=0 sum_failed=0 passed failed rest
    local -a fast=() slow=() waiting=()
    # shellcheck disable=SC2086 # words wanted
    [ $# -gt 0 ] || set -- $ALL_SUITES
    for suite in "$@"; do
        declare -F "suite_$suite" >/dev/null || die "no suite '$suite'; there are: $ALL_SUITES"
        case " $SLOW_LANE |  $WAITING_LANE " in # two blanks: each name has its own
        *" $suite "*" | "*) slow+=("$suite") ;;
        *" | "*" $suite "*) waiting+=("$suite") ;;
        *) fast+=("$suite") ;;
        esac
    done
    mkdir -p "$RESULTS"
    run_lane "${fast[@]}" &
    run_lane "${waiting[@]}" &
    run_lane "${slow[@]}" &
    wait
    for suite in "$@"; do
        read -r passed failed rest <"$RESULTS/$suite.count" || failed=1 passed=0
        sum_passed=$((sum_passed + passed))
        sum_failed=$((sum_failed + failed))
    done
    printf '%d passed, %d failed\n' "$sum_passed" "$sum_failed"
    [ "$sum_failed" = 0 ] && [ "$sum_passed" != 0 ]
}
