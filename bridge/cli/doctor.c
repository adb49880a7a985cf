/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap doctor`: looks at everything that a session needs, and says what is wrong and what to
 * do. Changes nothing but a kernel that it starts and ends.
 */
#include "bridge/cli/doctor.h"

#include "bridge/cli/cli.h"
#include "bridge/cli/commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {"ok", "warn", "FAIL"};

void doctor_add(struct doctor *d, enum doctor_status status, const char *what, const char *todo,
                const char *format, ...)
{
    char text[1200];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    json_t *finding = json_pack("{s:s, s:s, s:o}", "status", words[status], "what", what, "text",
                                cd_json_textz(text));
    if (todo && finding) {
        (void)json_object_set_new(finding, "todo", cd_json_textz(todo));
    }
    (void)json_array_append_new(d->findings, finding);
    if ((int)status > d->worst) {
        d->worst = status;
    }
}

static void print_findings(const json_t *findings)
{
    size_t i;
    json_t *f;

    json_array_foreach(findings, i, f)
    {
        const char *todo = json_string_value(json_object_get(f, "todo"));
        (void)printf("%-4s %s: %s%s%s\n", json_string_value(json_object_get(f, "status")),
                     json_string_value(json_object_get(f, "what")),
                     json_string_value(json_object_get(f, "text")), todo ? "; " : "",
                     todo ? todo : "");
    }
}

struct wish {
    const char *python;
    bool json;
};

static bool take(void *ctx, const char *name, const char *value)
{
    struct wish *w = ctx;

    if (strcmp(name, "json") == 0) {
        w->json = true;
    } else {
        w->python = value;
    }
    return true;
}

int bridge_doctor_main(int argc, char **argv)
{
    struct doctor d = {0};
    struct cd_error err = CD_ERROR_INIT;
    cd_autofree char *python = NULL;
    struct wish wish = {0};
    int first;
    const int status = bridge_cli_read(argv[0], argc, argv, take, &wish, &first);

    if (status >= 0) {
        return status;
    }
    json_auto_t *findings = json_array();
    if (!findings || bridge_cli_identity(&err)) {
        bridge_cli_say("doctor: %s", err.id ? err.text : "out of memory");
        return 1;
    }
    d.findings = findings;
    doctor_check_installation(&d);
    doctor_check_python(&d, wish.python, &python);
    doctor_check_kernelspecs(&d);
    doctor_check_runtime(&d);
    doctor_check_ports(&d);
    if (python) {
        doctor_check_start(&d, python);
    }
    if (!wish.json) {
        print_findings(findings);
    } else if (bridge_cli_print_json(json_pack("{s:b, s:O}", "healthy", d.worst < DOCTOR_FAIL,
                                               "findings", findings)) != 0) {
        return 1;
    }
    return d.worst == DOCTOR_FAIL;
}
