# SPDX-License-Identifier: BSD-3-Clause
# Sourced by ./dev: the checks of `./dev lint`. Each is one check_NAME; what it prints is shown when
# it fails. The last line sums the checks (and, where a check counts for itself, its counts).
# shellcheck shell=bash

our_c_files() { git -C "$ROOT" ls-files -co --exclude-standard '*.c' '*.h' | sed "s|^|$ROOT/|" | while read -r f; do [ -f "$f" ] && echo "$f"; done; }

check_rules() { "$VENV/bin/python" -B "$ROOT/tests/lint/run.py" "$BUILD/werror"; }
check_format() { our_c_files | xargs "$VENV/bin/clang-format" --dry-run --Werror; }
check_warnings() { build werror all; }
check_shell() { shellcheck -x -P "$ROOT" "$ROOT/dev" "$ROOT/.ci/run" "$ROOT"/tests/tools/*.sh; }

# The page's own rules, where what it is built with is there.
check_web() { (cd "$ROOT/web" && npm run --silent lint); }

run_lint() {
    local check passed=0 failed=0 ok own log=$RESULTS/lint
    local -a checks=(warnings rules format shell)
    mkdir -p "$RESULTS"
    if ! command -v shellcheck >/dev/null; then
        echo "shell: skipped: no shellcheck on this machine (Debian: shellcheck)"
        checks=(warnings rules format)
    fi
    if [ -d "$ROOT/web/node_modules" ]; then
        checks+=(web)
    else
        echo "web: skipped: no node 20.19 with npm on this machine"
    fi
    for check in "${checks[@]}"; do
        ok=yes
        "check_$check" >"$log-$check.log" 2>&1 </dev/null || ok=no
        [ $ok = yes ] || tail -n 120 "$log-$check.log"
        own=$(tail -n 1 "$log-$check.log" | grep -E '^[0-9]+ passed, [0-9]+ failed' || true)
        if [ -n "$own" ]; then
            passed=$((passed + $(cut -d' ' -f1 <<<"$own")))
            failed=$((failed + $(cut -d' ' -f3 <<<"$own")))
            # a check that failed without a failure of its own count still fails
            [ $ok = yes ] || [ "$(cut -d' ' -f3 <<<"$own")" != 0 ] || failed=$((failed + 1))
        elif [ $ok = yes ]; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
        fi
        printf '%-9s %s\n' "$check" "$([ $ok = yes ] && echo ok || echo FAILED)"
    done
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" = 0 ]
}
