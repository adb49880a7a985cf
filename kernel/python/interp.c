/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Python's start in this process, and the table of what the kernel may ask of it.
 * Main thread. The chosen interpreter's own environment counts (venv, PYTHON* variables), so that
 * the user's imports are those of that interpreter. Start imports nothing that takes time: IPython
 * and asyncio come in pyx_op_warm_up, with the first request that needs them.
 */
#include "kernel/python/interp.h"

#include <stdlib.h>
#include <string.h>

struct pyx_interp pyx_interp;

static cd_result copy_config(const struct interp_config *config, struct cd_error *reterr)
{
    pyx_interp.host = config->host;
    pyx_interp.plain = config->plain;
    pyx_interp.terminal = config->terminal + config->tee;
    pyx_interp.cell_prefix = strdup(config->cell_prefix);
    pyx_interp.package_dir = strdup(config->package_dir);
    pyx_interp.connection_file = strdup(config->connection_file ? config->connection_file : "");
    pyx_interp.session = strdup(config->session ? config->session : "");
    pyx_interp.profile_dir = strdup(config->profile_dir ? config->profile_dir : "");
    if (!pyx_interp.profile_dir || !pyx_interp.cell_prefix || !pyx_interp.package_dir ||
        !pyx_interp.connection_file || !pyx_interp.session) {
        return cd_oom(reterr);
    }
    return CD_OK;
}

static cd_result status_error(PyStatus status, const char *python, struct cd_error *reterr)
{
    return cd_error_set(reterr, CD_E_PYTHON, "python did not start from '%s': %s%s%s", python,
                        status.func ? status.func : "", status.func ? ": " : "",
                        status.err_msg ? status.err_msg : "unknown reason");
}

/* As they would stand between `python` and a program; new, NULL: out of memory. */
static char **arguments_of(const struct interp_config *from)
{
    char **argv = calloc((size_t)from->python_arg_count + 2, sizeof *argv);
    for (int i = 0; argv && i <= from->python_arg_count; i++) {
        argv[i] = (char *)(uintptr_t)(i ? from->python_args[i - 1] : from->python);
    }
    return argv;
}

static PyStatus initialize(const struct interp_config *from, char **argv, bool use_environment)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    config.install_signal_handlers = 1;
    config.use_environment = use_environment;
    PyStatus status = PyConfig_SetBytesString(&config, &config.executable, from->python);
    config.parse_argv = from->python_arg_count > 0;
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetBytesArgv(&config, from->python_arg_count + 1, argv);
    }
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    return status;
}

static cd_result start_python(const struct interp_config *config, struct cd_error *reterr)
{
    const char *python = config->python;
    cd_autofree char **argv = arguments_of(config);
    if (!argv) {
        return cd_oom(reterr);
    }
    PyPreConfig pre;
    PyPreConfig_InitPythonConfig(&pre);
    pre.parse_argv = config->python_arg_count > 0;
    pre.utf8_mode = 1;
    PyStatus status = Py_PreInitializeFromBytesArgs(&pre, config->python_arg_count + 1, argv);
    if (PyStatus_Exception(status)) {
        return status_error(status, python, reterr);
    }
    if (PyImport_AppendInittab("_celldap", PyInit__celldap) < 0) {
        return cd_oom(reterr);
    }
    status = initialize(config, argv, true);
    if (PyStatus_Exception(status)) {
        status = initialize(config, argv, false); // a PYTHONHOME that is no Python's home
    }
    return PyStatus_Exception(status) ? status_error(status, python, reterr) : CD_OK;
}

/* The members of kernel_info_reply that Python knows, as one JSON object. */
static cd_result make_info(struct cd_error *reterr)
{
    const char *full = Py_GetVersion();
    char version[32] = "";
    size_t n = strcspn(full, " ");
    memcpy(version, full, n < sizeof(version) ? n : sizeof(version) - 1);
    cd_autofree char *one_line = strdup(full);
    if (!one_line) {
        return cd_oom(reterr);
    }
    one_line[strcspn(one_line, "\n")] = '\0';
    json_auto_t *info = json_pack(
        "{s:s, s:s, s:s+++, s:[{s:s,s:s},{s:s,s:s}], s:{s:s,s:s,s:s,s:s,s:s,s:{s:s,s:i},s:s}}",
        "implementation", "celldap", "implementation_version", CELLDAP_VERSION, "banner", "Python ",
        one_line, "\ncelldap ", CELLDAP_VERSION, "help_links", "text", "Python Reference", "url",
        "https://docs.python.org/3/", "text", "IPython Reference", "url",
        "https://ipython.org/documentation.html", "language_info", "name", "python", "version",
        version, "mimetype", "text/x-python", "file_extension", ".py", "pygments_lexer", "ipython3",
        "codemirror_mode", "name", "ipython", "version", 3, "nbconvert_exporter", "python");
    pyx_interp.info = info ? json_dumps(info, JSON_COMPACT) : NULL;
    return pyx_interp.info ? CD_OK : cd_oom(reterr);
}

/* 0, or -1 with a Python exception. */
static int prepare_sys(void)
{
    PyObject *path = PySys_GetObject("path"); /* borrowed */
    pyx_auto PyObject *package = PyUnicode_DecodeFSDefault(pyx_interp.package_dir);
    if (!path || !package || PyList_Append(path, package) < 0) {
        return -1;
    }
    pyx_auto PyObject *argv =
        Py_BuildValue("[sss]", "celldap-kernel", "-f", pyx_interp.connection_file);
    if (!argv || PySys_SetObject("argv", argv) < 0) {
        return -1;
    }
    pyx_auto PyObject *module = PyImport_ImportModule("_celldap");
    PyObject *main_module = PyImport_AddModule("__main__"); /* borrowed */
    if (!module || !main_module || pyx_parent_start() < 0) {
        return -1;
    }
    pyx_interp.user_ns = Py_NewRef(PyModule_GetDict(main_module));
    return 0;
}

static cd_result prepare(struct cd_error *reterr)
{
    if (prepare_sys() < 0) {
        return pyx_error_fetch(reterr, CD_E_PYTHON);
    }
    if (make_info(reterr) != CD_OK || pyx_cells_start(reterr) != CD_OK ||
        pyx_warm_start(reterr) != CD_OK || pyx_give_way_start(reterr) != CD_OK ||
        pyx_streams_start(reterr) != CD_OK || pyx_signals_start(reterr) != CD_OK) {
        return CD_ERR;
    }
    return pyx_monitor_start(reterr);
}

/* Of a process that is the user's own: nothing of its streams, path or arguments is touched. */
static cd_result prepare_child(struct cd_error *reterr)
{
    PyObject *main_module = PyImport_AddModule("__main__"); /* borrowed */
    if (!main_module || pyx_parent_start() < 0) {
        return pyx_error_fetch(reterr, CD_E_PYTHON);
    }
    pyx_interp.user_ns = Py_NewRef(PyModule_GetDict(main_module));
    if (pyx_cells_start(reterr) != CD_OK || pyx_signals_start(reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_warm_skip();
    return pyx_monitor_start(reterr);
}

static cd_result start_child(bool fork, struct cd_error *reterr)
{
    PyGILState_STATE gil = pyx_gil_enter();
    cd_result r = CD_OK;
    if (fork) {
        pyx_fork_prepare();
    } else {
        pyx_thread_takes_requests();
        r = prepare_child(reterr);
    }
    pyx_gil_leave(gil);
    return r;
}

cd_result pyx_op_start(const struct interp_config *config, struct cd_error *reterr)
{
    if (copy_config(config, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (config->child) {
        return start_child(config->fork, reterr);
    }
    // A plain python that imported us has started itself, and holds the GIL here.
    if (!Py_IsInitialized() && start_python(config, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_thread_takes_requests();
    cd_result r = prepare(reterr);
    PyEval_SaveThread();
    return r;
}

PyObject *pyx_user_ns(void)
{
    return pyx_interp.user_ns;
}

static const char *op_info(void)
{
    return pyx_interp.info;
}

const struct interp_ops *pyx_interp_ops(void)
{
    static const struct interp_ops ops = {
        .start = pyx_op_start,
        .warm_up = pyx_op_warm_up,
        .idle = pyx_op_idle,
        .thread_begin = pyx_op_thread_begin,
        .thread_end = pyx_op_thread_end,
        .set_parent = pyx_op_set_parent,
        .execution_count = pyx_op_execution_count,
        .execute = pyx_op_execute,
        .run_file = pyx_op_run_file,
        .comm = pyx_op_comm,
        .query = pyx_op_query,
        .call_locked = pyx_op_call_locked,
        .interrupt = pyx_signals_interrupt,
        .nudge = pyx_signals_nudge,
        .info = op_info,
        .finish = pyx_op_finish,
    };
    return &ops;
}
