/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See options.h. What would be open to others without protection is refused here.
 */
#include "bridge/serve/options.h"

#include "bridge/cli/cli.h"
#include "bridge/serve/gate.h"
#include "dap/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: celldap serve [NOTEBOOK | FOLDER] [options]\n"
    "\n"
    "Serves the browser page, DAP over websocket and, with --tcp, DAP over TCP, and prints the "
    "URL\n"
    "to open. Its token is new at each start; nobody comes in without it.\n"
    "  --port N             port of the page (default: a free one)\n"
    "  --host ADDRESS       address of the page (default 127.0.0.1); any other than loopback "
    "wants\n"
    "                       --tls-cert and --tls-key\n"
    "  --tcp HOST:PORT      DAP over TCP there too, loopback only (port 0: a free one); clients\n"
    "                       send the token as \"celldapToken\" in launch or attach\n"
    "  --tls-cert FILE      certificate chain, PEM\n"
    "  --tls-key FILE       its key, PEM\n"
    "  --allow-host NAME    a name by which browsers reach this machine; may be repeated\n"
    "  --max-sessions N     how many clients at once (default 2000)\n"
    "  --log FILE           log there instead of standard error\n"
    "  --log-level LEVEL    error, warn (default), info, debug or trace\n"
    "  -h, --help           this\n"
    "\n"
    "examples:\n"
    "  celldap serve analysis.ipynb\n"
    "  celldap serve --port 8990 ~/notebooks\n"
    "  celldap serve --tcp 127.0.0.1:0\n";

enum { PORT = 256, HOST, TCP, CERT, KEY, ALLOW, MAX, LOG, LEVEL };

static const struct option long_options[] = {{"port", required_argument, NULL, PORT},
                                             {"host", required_argument, NULL, HOST},
                                             {"tcp", required_argument, NULL, TCP},
                                             {"tls-cert", required_argument, NULL, CERT},
                                             {"tls-key", required_argument, NULL, KEY},
                                             {"allow-host", required_argument, NULL, ALLOW},
                                             {"max-sessions", required_argument, NULL, MAX},
                                             {"log", required_argument, NULL, LOG},
                                             {"log-level", required_argument, NULL, LEVEL},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

/* A number from 0 to most, or -1. */
static int number(const char *text, long most)
{
    char *end = NULL;
    long n = strtol(text, &end, 10);

    return end != text && !*end && n >= 0 && n <= most ? (int)n : -1;
}

static int allow(struct serve_options *o, const char *name)
{
    for (size_t i = 0; i < SERVE_MORE_HOSTS; i++) {
        if (!o->allow_hosts[i]) {
            o->allow_hosts[i] = name;
            return -1;
        }
    }
    bridge_cli_say("serve: --allow-host may be given %d times", SERVE_MORE_HOSTS);
    return 2;
}

static int take(struct serve_options *o, int option, enum cd_log_level *level)
{
    switch (option) {
    case HOST:
        o->host = optarg;
        return -1;
    case TCP:
        o->tcp = optarg;
        return -1;
    case CERT:
        o->tls_cert = optarg;
        return -1;
    case KEY:
        o->tls_key = optarg;
        return -1;
    case LOG:
        o->log = optarg;
        return -1;
    case ALLOW:
        return allow(o, optarg);
    case PORT:
        o->port = number(optarg, 65535);
        break;
    case MAX:
        o->max_sessions = number(optarg, 1000000);
        break;
    case LEVEL:
        if (!cd_log_level_parse(optarg, level)) {
            bridge_cli_say("serve: unknown log level '%s'", optarg);
            return 2;
        }
        return -1;
    case 'h':
        return fputs(help, stdout) < 0;
    default:
        bridge_cli_say("see celldap serve --help");
        return 2;
    }
    if (o->port < 0 || o->max_sessions < 0) {
        bridge_cli_say("serve: '%s' is no number that --%s takes", optarg,
                       option == PORT ? "port" : "max-sessions");
        return 2;
    }
    return -1;
}

/* The folder to serve and what to open in it. */
static int read_target(const char *target, struct serve_options *o)
{
    struct stat st;
    char *slash;

    if (!realpath(target ? target : ".", o->root) || stat(o->root, &st) != 0) {
        bridge_cli_say("serve: there is no file or folder '%s'", target ? target : ".");
        return 1;
    }
    if (S_ISDIR(st.st_mode)) {
        return -1;
    }
    slash = strrchr(o->root, '/');
    (void)snprintf(o->open, sizeof o->open, "%s", slash + 1);
    slash[slash == o->root] = '\0';
    return -1;
}

static int check(const struct serve_options *o)
{
    if (!o->tls_cert != !o->tls_key) {
        bridge_cli_say("serve: --tls-cert and --tls-key go together");
        return 2;
    }
    if (!o->tls_cert && !bridge_gate_is_loopback(o->host)) {
        bridge_cli_say("serve: --host %s can be reached by others: give --tls-cert and --tls-key, "
                       "or leave it and use an ssh tunnel",
                       o->host);
        return 2;
    }
    for (size_t i = 0; i < 2; i++) {
        const char *file = i ? o->tls_key : o->tls_cert;

        if (file && access(file, R_OK) != 0) {
            bridge_cli_say("serve: cannot read '%s': %s", file, strerror(errno));
            return 1;
        }
    }
    return -1;
}

static int open_log(const struct serve_options *o, enum cd_log_level level)
{
    int fd = STDERR_FILENO;

    if (o->log) {
        fd = open(o->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0) {
            bridge_cli_say("serve: cannot open the log '%s': %s", o->log, strerror(errno));
            return 1;
        }
    }
    cd_log_init(fd, level);
    return -1;
}

int serve_options_read(int argc, char **argv, struct serve_options *ret)
{
    enum cd_log_level level = CD_LOG_WARN;
    int option, status;

    *ret = (struct serve_options){.host = "127.0.0.1", .max_sessions = 2000};
    optind = 1;
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        status = take(ret, option, &level);
        if (status >= 0) {
            return status;
        }
    }
    if (argc - optind > 1) {
        bridge_cli_say("serve: one notebook or folder is enough, not also '%s'", argv[optind + 1]);
        return 2;
    }
    status = check(ret);
    if (status < 0) {
        status = read_target(optind < argc ? argv[optind] : NULL, ret);
    }
    return status < 0 ? open_log(ret, level) : status;
}
