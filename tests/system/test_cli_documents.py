# SPDX-License-Identifier: BSD-3-Clause
"""--help, the man page and the completions name the same commands and options, both ways; and the
shells that are here take the completions."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CELLDAP_BUILD", ROOT / "build")).resolve()
SHARE = BUILD / "share"
COMMANDS = ["", "doctor", "install", "kernels", "options", "run", "serve"]
FILES = {
    "man": SHARE / "man/man1/celldap.1",
    "bash": SHARE / "bash-completion/completions/celldap",
    "zsh": SHARE / "zsh/site-functions/_celldap",
    "fish": SHARE / "fish/vendor_completions.d/celldap.fish",
}


def celldap(*args):
    return subprocess.run([BUILD / "bin/celldap", *args], capture_output=True, text=True,
                          check=True, timeout=60).stdout


def helped(command):
    """Options of --help."""
    return set(re.findall(r"^  (?:-h, )?(--[a-z-]+)", celldap(*([command] if command else []), "--help"),
                          re.M))


def in_man():
    text = FILES["man"].read_text().replace("\\-", "-")
    found = {}
    for section in text.split("\n.SS celldap")[1:]:
        section = section.split("\n.SH ")[0]
        name = section.split(" ")[1] if not section.startswith(" [") else ""
        found[name] = set(re.findall(r"^(?:\\fB-h\\fR, )?\\fB(--[a-z-]+)\\fR", section, re.M))
    return found


def in_bash():
    text = FILES["bash"].read_text()
    return {name: set(re.findall(r"--[a-z-]+", words)) for name, words in
            re.findall(r"^    '(\w*)'\) COMPREPLY=\(\$\(compgen (?:-f )?-W '([^']*)'", text, re.M)}


def in_zsh():
    found = {}
    for block in re.split(r"^    (?=[\w*]+\)$)", FILES["zsh"].read_text(), flags=re.M)[1:]:
        name, _, rest = block.partition(")")
        options = set(re.findall(r"^        '\*?(--[a-z-]+)", rest, re.M))
        found[name.replace("*", "")] = options | set(re.findall(r"\{-h,(--help)\}", rest))
    return found


def in_fish():
    found = {name: set() for name in COMMANDS}
    for where, option in re.findall(r"^complete -c celldap -n '([^']+)' -l ([a-z-]+) ",
                                    FILES["fish"].read_text(), re.M):
        found[where.rpartition(" ")[2] if " " in where else ""].add(f"--{option}")
    everywhere = set(re.findall(r"^complete -c celldap -f -s h -l (help)", FILES["fish"].read_text(),
                                re.M))
    return {name: options | {f"--{o}" for o in everywhere} for name, options in found.items()}


def test_every_command_is_in_the_help():
    listed = re.findall(r"^  ([a-z]+) ", celldap("--help").partition("Commands")[2].partition(
        "Examples")[0], re.M)
    assert ["", *listed] == COMMANDS


@pytest.mark.parametrize("read", [in_man, in_bash, in_zsh, in_fish])
def test_the_same_options_everywhere(read):
    wanted = {name: helped(name) for name in COMMANDS}
    assert all("--help" in options for options in wanted.values())
    assert read() == wanted


@pytest.mark.parametrize("command", COMMANDS)
def test_documented(command):
    """The pages have each command and each of its options."""
    text = "".join(p.read_text() for p in sorted((ROOT / "docs").glob("*.md")))
    for option in helped(command) - {"--help"}:
        assert option in text, f"{command} {option}"
    assert f"celldap {command}" in text


def test_the_man_page_is_well_formed():
    if not shutil.which("groff") and not shutil.which("man"):
        pytest.skip("neither groff nor man is here")
    tool = (["groff", "-man", "-Tutf8", "-ww", "-z"] if shutil.which("groff")
            else ["man", "--warnings", "-l"])
    run = subprocess.run([*tool, FILES["man"]], capture_output=True, text=True, timeout=60,
                         env={**os.environ, "MANPAGER": "cat", "LC_ALL": "C.UTF-8"})
    assert (run.returncode, run.stderr) == (0, "")


def complete_in_bash(*words):
    script = (f". {FILES['bash']}\nCOMP_WORDS=({' '.join(map(repr, words))})\n"
              f"COMP_CWORD={len(words) - 1}\n_celldap\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n")
    env = {**os.environ, "PATH": f"{BUILD / 'bin'}:{os.environ['PATH']}",
           "JUPYTER_PATH": str(SHARE / "jupyter")}
    run = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, env=env,
                         check=True, timeout=60)
    assert run.stderr == ""
    return run.stdout.split()


@pytest.mark.parametrize("words, wanted", [
    (["celldap", "ker"], ["kernels"]),
    (["celldap", "--log-l"], ["--log-level"]),
    (["celldap", "--log-level", "d"], ["debug"]),
    (["celldap", "run", "--all"], ["--allow-errors"]),
    (["celldap", "run", "--kernel", "cell"], ["celldap"]),
    (["celldap", "kernels", "--j"], ["--json"]),
])
def test_bash_completes(words, wanted):
    assert complete_in_bash(*words) == wanted


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_them(shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not here: its completion was compared with --help only")
    run = subprocess.run([shell, "-n", FILES[shell]], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
