/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The table of commands: see commands.h. Sorted by name; texts have no line ends but between
 * paragraphs, whoever shows them breaks them.
 */
#include "bridge/cli/commands.h"

#include "dap/base/attrs.h"

#define JSON_OPTION {"json", NULL, false, BRIDGE_HINT_NONE, "as JSON, for programs"}
#define LOG_OPTIONS                                                                                \
    {"log", "FILE", false, BRIDGE_HINT_FILE, "log there instead of to standard error"},            \
        {"log-level", "LEVEL", false, BRIDGE_HINT_LEVEL,                                           \
         "error, warn (default), info, debug or trace"}
#define USUAL_STATUS "0, 1 when something went wrong, 2 for wrong usage"

const struct bridge_command bridge_commands[] = {
    {.name = "",
     .summary = "debugs Jupyter notebooks and Python programs through the Debug Adapter Protocol",
     .text = "Without a command celldap is a debug adapter for the editor that starts it, on "
             "standard input and output, or for one client on a port or a unix socket.",
     .status = USUAL_STATUS,
     .options =
         {
             {"stdio", NULL, false, BRIDGE_HINT_NONE, "on standard input and output (default)"},
             {"port", "N", false, BRIDGE_HINT_NONE,
              "for one client on 127.0.0.1:N instead; 0 takes a free port; it is printed"},
             {"pipe", "PATH", false, BRIDGE_HINT_FILE, "for one client on a unix socket instead"},
             LOG_OPTIONS,
             {"version", NULL, false, BRIDGE_HINT_NONE, "print the version"},
         },
     .examples = {"celldap --port 0", "celldap --log /tmp/celldap.log --log-level debug",
                  "celldap run --debug-on-error analysis.ipynb"}},
    {.name = "doctor",
     .summary = "says what is wrong with this machine and what to do",
     .text = "Looks at the Python, the kernel module, the libraries, Jupyter's kernelspecs and "
             "runtime folder and the loopback ports, and starts a kernel. Each line: ok, warn or "
             "FAIL, what was looked at, what was found, and what to do about it.",
     .status = "0, 1 when something failed (a warning is no failure), 2 for wrong usage",
     .options =
         {
             {"python", "PATH", false, BRIDGE_HINT_FILE,
              "look at this interpreter instead of the one celldap would take"},
             JSON_OPTION,
         },
     .examples = {"celldap doctor", "celldap doctor --python .venv/bin/python"}},
    {.name = "install",
     .summary = "makes the kernel known to Jupyter",
     .text = "Writes NAME/kernel.json into a kernels folder.",
     .status = "0, 1 when the Python does not fit or the file cannot be written, 2 for wrong usage",
     .options =
         {
             {"user", NULL, false, BRIDGE_HINT_NONE,
              "for this user, in every environment (default)"},
             {"prefix", "DIR", false, BRIDGE_HINT_FOLDER, "into DIR/share/jupyter/kernels"},
             {"sys-prefix", NULL, false, BRIDGE_HINT_NONE,
              "into the environment of the interpreter"},
             {"python", "PATH", false, BRIDGE_HINT_FILE,
              "interpreter (3.12 or newer) that cells run in (default: the active environment's, "
              "else the one celldap was built for)"},
             {"name", "NAME", false, BRIDGE_HINT_NONE,
              "the kernel's name: a-z 0-9 . _ - (default: celldap)"},
             {"display-name", "TEXT", false, BRIDGE_HINT_NONE,
              "what front ends show (default: Python 3.X (celldap))"},
         },
     .examples = {"celldap install", "celldap install --sys-prefix --python .venv/bin/python",
                  "celldap install --user --name python3 --display-name 'Python 3'"}},
    {.name = "kernels",
     .summary = "lists the kernels that are installed and those that run",
     .text =
         "Running kernels are those with a connection file in Jupyter's runtime folder; each "
         "is asked whether it is alive. Kernels of servers are those of your Jupyter Servers on "
         "this machine, or of the one that is named.",
     .status = "0, 1 when the server that is named does not answer, 2 for wrong usage",
     .options =
         {
             {"server", "URL", false, BRIDGE_HINT_NONE,
              "list the kernels of this Jupyter Server or Enterprise Gateway"},
             {"token", "TOKEN", false, BRIDGE_HINT_NONE, "its token"},
             {"password", "TEXT", false, BRIDGE_HINT_NONE, "its password, where it has no token"},
             {"cacert", "FILE", false, BRIDGE_HINT_FILE,
              "PEM file of certificates to trust besides the system's"},
             JSON_OPTION,
         },
     .examples = {"celldap kernels", "celldap kernels --json | jq '.running[].id'",
                  "celldap kernels --server http://127.0.0.1:8888/ --token T"}},
    {.name = "options",
     .summary = "lists the options of a debug configuration",
     .text = "Names, types, defaults, and what they do in a launch or an attach.",
     .status = USUAL_STATUS,
     .options = {JSON_OPTION},
     .examples = {"celldap options",
                  "celldap options --json | jq -r '.[] | select(.attach).name'"}},
    {.name = "run",
     .arguments = "FILE",
     .hint = BRIDGE_HINT_FILE,
     .summary = "runs a notebook and prints its outputs",
     .text = "Runs the code cells of a .ipynb, or of a percent script, in order and prints their "
             "outputs. The first cell that fails ends the run.",
     .status = "0; 1 when a cell, the kernel or the file fails; 2 for wrong usage",
     .options =
         {
             {"kernel", "NAME", false, BRIDGE_HINT_KERNEL,
              "a kernelspec: celldap's, whose interpreter is used, or another kernel"},
             {"python", "PATH", false, BRIDGE_HINT_FILE,
              "interpreter (3.12 or newer) to run in, e.g. .venv/bin/python"},
             {"cell", "N|ID", false, BRIDGE_HINT_NONE,
              "only this cell; may be repeated. Indexes are from 0, markdown counted"},
             {"cells", "LIST", false, BRIDGE_HINT_NONE,
              "only these cells: indexes, ranges and ids, e.g. 0,3-5"},
             {"allow-errors", NULL, false, BRIDGE_HINT_NONE, "go on after a cell that fails"},
             {"timeout", "SECONDS", false, BRIDGE_HINT_NONE,
              "a cell that runs longer is interrupted, and ends the run"},
             {"debug-on-error", NULL, false, BRIDGE_HINT_NONE,
              "look at the frames of the cell that failed: a prompt on a terminal, else they are "
              "printed with their variables"},
             {"cwd", "FOLDER", false, BRIDGE_HINT_FOLDER,
              "working folder (default: the notebook's)"},
             {"save", "FILE", true, BRIDGE_HINT_FILE,
              "save the outputs into the notebook, or into a FILE, also when a cell fails"},
             {"output", "FILE", false, BRIDGE_HINT_FILE, "as --save=FILE"},
             {"log", "FILE", false, BRIDGE_HINT_FILE, "log of the kernel"},
         },
     .examples = {"celldap run analysis.ipynb", "celldap run --save --timeout 600 analysis.ipynb",
                  "celldap run --cell 0 --cell 3 --debug-on-error analysis.ipynb",
                  "celldap run --save=report.ipynb script.py"}},
    {.name = "serve",
     .arguments = "[NOTEBOOK | FOLDER]",
     .hint = BRIDGE_HINT_FILE,
     .summary = "serves the browser page, and DAP to many clients",
     .text = "Serves the browser page, DAP over websocket and, with --tcp, DAP over TCP, and "
             "prints the URL to open. Its token is new at each start; nobody comes in without it.",
     .status = USUAL_STATUS,
     .options =
         {
             {"port", "N", false, BRIDGE_HINT_NONE, "port of the page (default: a free one)"},
             {"host", "ADDRESS", false, BRIDGE_HINT_NONE,
              "address of the page (default 127.0.0.1); any other than loopback wants --tls-cert "
              "and --tls-key"},
             {"tcp", "HOST:PORT", false, BRIDGE_HINT_NONE,
              "DAP over TCP there too, loopback only (port 0: a free one); clients send the token "
              "as \"celldapToken\" in launch or attach"},
             {"tls-cert", "FILE", false, BRIDGE_HINT_FILE, "certificate chain, PEM"},
             {"tls-key", "FILE", false, BRIDGE_HINT_FILE, "its key, PEM"},
             {"allow-host", "NAME", false, BRIDGE_HINT_NONE,
              "a name by which browsers reach this machine; may be repeated"},
             {"compress", NULL, false, BRIDGE_HINT_NONE,
              "compress websockets on the loopback too, as for an ssh tunnel"},
             {"max-sessions", "N", false, BRIDGE_HINT_NONE,
              "how many clients at once (default 2000)"},
             {"alone", "SECONDS", false, BRIDGE_HINT_NONE,
              "its kernels end when nobody used them for so long (default 3600)"},
             LOG_OPTIONS,
         },
     .examples = {"celldap serve analysis.ipynb", "celldap serve --port 8990 ~/notebooks",
                  "celldap serve --tcp 127.0.0.1:0"}},
};
const size_t bridge_command_count = CD_ARRAY_LEN(bridge_commands);
