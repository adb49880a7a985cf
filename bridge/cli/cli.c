/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See cli.h: what the subcommands share.
 */
#include "bridge/cli/cli.h"

#include "bridge/cli/commands.h"
#include "bridge/identity.h"
#include "kernel/wire/msg.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void bridge_cli_say(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    (void)fputs("celldap: ", stderr);
    (void)vfprintf(stderr, format, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
}

static bool take_json(void *ctx, const char *name, const char *value)
{
    (void)name;
    (void)value;
    *(bool *)ctx = true;
    return true;
}

int bridge_cli_json_only(int argc, char **argv, bool *json)
{
    int first;

    *json = false;
    return bridge_cli_read(argv[0], argc, argv, take_json, json, &first);
}

int bridge_cli_print_json(json_t *value_owned)
{
    json_auto_t *value = value_owned;

    if (!value || json_dumpf(value, stdout, JSON_INDENT(2)) != 0 || putchar('\n') == EOF) {
        bridge_cli_say("cannot print the answer");
        return 1;
    }
    return 0;
}

cd_result bridge_cli_identity(struct cd_error *reterr)
{
    char uuid[BRIDGE_UUID_BYTES];

    if (bridge_uuid(uuid, reterr)) {
        return CD_ERR;
    }
    wire_msg_session(uuid, "celldap");
    return CD_OK;
}
