# SPDX-License-Identifier: BSD-3-Clause
# Sourced by ./dev. choose_python sets PY (the base interpreter) and PY_VERSION, and PY_APT to the
# Debian packages that it still needs. The order: $CELLDAP_PYTHON, the active venv, then the newest
# of python3.x on PATH, pyenv's and uv's versions and the system's. One that runs is asked whether
# it fits; a pyenv shim without a version behind it does not run, and so is no candidate.
# shellcheck shell=bash disable=SC2034 # read by setup.sh

PY_ASK='
import ctypes, os, sys, sysconfig
var = sysconfig.get_config_var
def missing_library():
    name = var("INSTSONAME") or ""
    folders = (var("LIBDIR") or "", os.path.join(sys.base_prefix, "lib"))
    tries = [os.path.join(f, name) for f in folders] + [os.path.join(folders[0], var("MULTIARCH") or "", name)]
    if any(map(os.path.exists, tries)):
        return False
    try:
        ctypes.CDLL(name)
        return False
    except OSError:
        return True
def verdict():
    if not (3, 12) <= sys.version_info[:2] <= (3, 15):
        return "no it is not 3.12 to 3.15"
    if var("Py_GIL_DISABLED"):
        return "no free-threaded builds are not supported"
    if not var("Py_ENABLE_SHARED"):
        return "no it has no shared libpython"
    header = os.path.join(sysconfig.get_path("include"), "Python.h")
    try:
        import ensurepip, venv
        has_venv = True
    except ImportError:
        has_venv = False
    if missing_library() or not os.path.exists(header) or not has_venv:
        if sys.base_prefix == "/usr":
            return "packages its headers or venv module are not installed"
        return "no its libpython, Python.h or venv module is missing"
    return "yes"
print("%d.%d.%d" % sys.version_info[:3], os.path.realpath(sys._base_executable), verdict())
'

python_candidates() {
    local dir minor
    local -a dirs
    IFS=: read -r -a dirs <<<"$PATH"
    for dir in "${dirs[@]}" /usr/bin; do
        for minor in 15 14 13 12; do
            [ -x "$dir/python3.$minor" ] && printf '%s\n' "$dir/python3.$minor"
        done
        [ -x "$dir/python3" ] && printf '%s\n' "$dir/python3"
    done
    for dir in "${PYENV_ROOT:-${HOME:-/nowhere}/.pyenv}"/versions/3.*/bin \
        "${XDG_DATA_HOME:-${HOME:-/nowhere}/.local/share}"/uv/python/cpython-3.*/bin; do
        [ -x "$dir/python3" ] && printf '%s\n' "$dir/python3"
    done
    return 0
}

# Keeps the better of what is known and the candidate $1: a newer one wins.
python_consider() {
    local version exe verdict reason
    read -r version exe verdict reason < <("$1" -I -c "$PY_ASK" 2>/dev/null </dev/null) || return 1
    [ -n "$verdict" ] || return 1
    PY_REASON="$1 is Python $version: $reason"
    case $verdict in
    yes)
        if [ -z "$PY" ] || ! newer_or_same "$PY_VERSION" "$version"; then
            PY=$exe PY_VERSION=$version
        fi
        ;;
    packages)
        if [ -z "$PY_BARE" ] || ! newer_or_same "$BARE_VERSION" "$version"; then
            PY_BARE=$exe BARE_VERSION=$version
        fi
        ;;
    *) return 1 ;;
    esac
}

newer_or_same() {
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | tail -n 1)" = "$1" ]
}

# The interpreters that the packages of this Debian or Ubuntu bring are new enough.
system_python_fits() {
    local id version
    [ -r /etc/os-release ] || return 1
    id=$(. /etc/os-release && echo "${ID:-}")
    version=$(. /etc/os-release && echo "${VERSION_ID:-99}")
    case $id in
    debian) newer_or_same "$version" 13 ;;
    ubuntu) newer_or_same "$version" 24.04 ;;
    *) return 1 ;;
    esac
}

choose_python() {
    local candidate minor
    PY="" PY_VERSION="" PY_APT="" PY_BARE="" BARE_VERSION="" PY_REASON=""
    if [ -n "${CELLDAP_PYTHON:-}" ]; then
        python_consider "$CELLDAP_PYTHON" || die "CELLDAP_PYTHON cannot be used: ${PY_REASON:-$CELLDAP_PYTHON does not run}"
    elif [ -n "${VIRTUAL_ENV:-}" ] && ! python_consider "$VIRTUAL_ENV/bin/python"; then
        say "the active venv is passed over: ${PY_REASON:-$VIRTUAL_ENV/bin/python does not run}"
    fi
    if [ -z "$PY$PY_BARE" ]; then
        while read -r candidate; do
            python_consider "$candidate" || true
        done < <(python_candidates | awk '!seen[$0]++')
    fi
    if [ -n "$PY_BARE" ] && { [ -z "$PY" ] || { can_install && newer_or_same "$BARE_VERSION" "$PY_VERSION"; }; }; then
        PY=$PY_BARE PY_VERSION=$BARE_VERSION
        minor=$(cut -d. -f1,2 <<<"$PY_VERSION")
        PY_APT="python$minor-dev python$minor-venv"
    elif [ -z "$PY" ] && system_python_fits; then
        PY_APT="python3 python3-dev python3-venv"
    elif [ -z "$PY" ]; then
        die "no Python from 3.12 to 3.15 with a shared libpython was found." \
            "Get one with pyenv:   PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install 3.13" \
            "or with uv:           uv python install 3.13" \
            "then run this again; CELLDAP_PYTHON=/path/to/python3 names one that is elsewhere."
    fi
}

# Asking every interpreter takes seconds: the answer is kept while the candidates are the same.
choose_python_once() {
    local asked known
    asked=$({ echo "${CELLDAP_PYTHON:-} ${VIRTUAL_ENV:-}" && python_candidates; } | sha256sum)
    if [ -f "$BUILD/stamps/python" ]; then
        { read -r known && read -r PY && read -r PY_VERSION; } <"$BUILD/stamps/python"
        if [ "$known" = "$asked" ] && [ -x "$PY" ]; then
            PY_APT=""
            return 0
        fi
    fi
    choose_python
    [ -n "$PY_APT" ] || stamp_set python "$(printf '%s\n' "$asked" "$PY" "$PY_VERSION")"
}
