# SPDX-License-Identifier: BSD-3-Clause
# Sourced by ./dev: the engine on other Pythons than the one that ./dev has chosen. suite_pythons
# takes those of this machine; `./dev test --matrix` makes a Debian sid in build/matrix and runs the
# engine's tests there on each Python that it has.
# shellcheck shell=bash

# What depends most on the Python: the engine, inspection, the shell, and cells under the debugger.
engine_tests_in() {
    local record=$RESULTS/$SUITE.xml
    rm -f "$record"
    CELLDAP_BUILD=$1 "$VENV/bin/python" -m pytest -q --timeout 300 -ra --junitxml "$record" \
        "$ROOT"/tests/system/test_{engine,inspect,shell}_*.py \
        "$ROOT"/tests/system/test_kernel_{debug*,execute,input,interrupt}.py </dev/null 2>&1 || true
    counted junit "$record"
}

# Only asked for by name: `system` has the same tests.
suite_engine() { build default && engine_tests_in "$BUILD"; }

# Prints "VERSION PATH" of each minor version that is here and can be built for, but for the chosen.
other_pythons() {
    local candidate version exe verdict reason
    while read -r candidate; do
        # shellcheck disable=SC2034 # the reason is for people
        read -r version exe verdict reason < <("$candidate" -I -c "$PY_ASK" 2>/dev/null </dev/null) || continue
        [ "$verdict" = yes ] && [ "${version%.*}" != "${PY_VERSION%.*}" ] && printf '%s %s\n' "$version" "$exe"
    done < <(python_candidates | awk '!seen[$0]++') | sort -Vr | awk '{split($1, v, ".")} !seen[v[2]]++'
}

# one_python VERSION PATH: a build tree and a venv of its own. In a subshell.
one_python() {
    local minor=${1%.*}
    local tree=$BUILD/py$minor
    local -a launcher=()
    # shellcheck disable=SC2034 # for setup_venv
    PY_VERSION=$1 PY=$2 VENV=$BUILD/venv-$minor
    setup_venv
    command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
    cmake -S "$ROOT" -B "$tree" -G Ninja -DCELLDAP_TESTS=OFF "-DCELLDAP_PYTHON=$VENV/bin/python" "${launcher[@]}" &&
        cmake --build "$tree" && engine_tests_in "$tree"
}

suite_pythons() {
    local suite=$SUITE version exe passed failed skipped sum_passed=0 sum_failed=0 sum_skipped=0
    local -a found
    mapfile -t found < <(other_pythons)
    if [ ${#found[@]} = 0 ]; then
        echo "skipped: no Python from 3.12 to 3.15 with a shared libpython besides $PY_VERSION is here"
        counted_as 0 0 1
        return 0
    fi
    while read -r version exe; do
        SUITE=$suite-${version%.*}
        rm -f "$RESULTS/$SUITE.count"
        (one_python "$version" "$exe")
        read -r passed failed skipped <"$RESULTS/$SUITE.count" || passed=0 failed=1 skipped=0
        echo "Python $version: $passed passed, $failed failed, $skipped skipped"
        sum_passed=$((sum_passed + passed)) sum_failed=$((sum_failed + failed)) sum_skipped=$((sum_skipped + skipped))
    done < <(printf '%s\n' "${found[@]}")
    SUITE=$suite
    counted_as "$sum_passed" "$sum_failed" "$sum_skipped"
}

# The Debian that --matrix uses; it is made once: remove build/matrix for a new one.
setup_matrix() {
    is_root || die "--matrix needs root: it makes a Debian sid in build/matrix and enters it by chroot"
    command -v debootstrap >/dev/null || install_packages debootstrap
    stamp_is matrix sid && return 0
    say "making a Debian sid in build/matrix/sid"
    rm -rf "$BUILD/matrix"
    mkdir -p "$BUILD/matrix"
    tries debootstrap --variant=minbase --include=ca-certificates,python3.14,python3.15 \
        sid "$BUILD/matrix/sid" >"$BUILD/logs/matrix.log" 2>&1 || die "debootstrap failed: build/logs/matrix.log"
    stamp_set matrix sid
}

# in_matrix COMMAND…: the mounts belong to the command alone and end with it.
in_matrix() {
    # shellcheck disable=SC2016 # for the inner shell
    MATRIX_ROOT=$BUILD/matrix/sid unshare --mount --propagation private bash -c '
        cd "$MATRIX_ROOT" && mount --rbind /dev dev && mount -t proc proc proc && mount -t tmpfs tmpfs tmp || exit 1
        mount --rbind /etc/ssl etc/ssl # the certificates and the proxy that this machine knows
        [ ! -e /etc/pip.conf ] || { touch etc/pip.conf && mount --bind /etc/pip.conf etc/pip.conf; } || exit 1
        exec chroot . "$@"' matrix "$@" </dev/null
}

# A copy of the sources for each Python, with a build/ of its own, in which ./dev does the rest.
matrix_sources() {
    local folder=$1
    mkdir -p "$folder"
    find "$folder" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
    tar -C "$ROOT" -c --exclude='./build*' --exclude=./.git --exclude=node_modules --exclude=__pycache__ . | tar -C "$folder" -x
}

run_matrix() {
    local exe minor failed=0
    mkdir -p "$BUILD/logs" "$RESULTS"
    setup_matrix
    for exe in "$BUILD"/matrix/sid/usr/bin/python3.1[0-9]; do
        minor=${exe##*/python}
        say "Python $minor on Debian sid"
        matrix_sources "$BUILD/matrix/sid/celldap-$minor"
        in_matrix env -u VIRTUAL_ENV "CELLDAP_PYTHON=/usr/bin/python$minor" \
            "/celldap-$minor/dev" test unit engine | tee "$RESULTS/matrix-$minor.txt"
        [ "${PIPESTATUS[0]}" = 0 ] || failed=1
    done
    # shellcheck disable=SC2016 # for the inner shell
    in_matrix bash -c 'for p in /celldap-*/build/venv/bin/python; do "$p" -VV; done; gcc --version | head -1'
    return "$failed"
}
