/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap options`: what a launch and an attach may say (bridge/options.def), for people, or as
 * JSON for whoever writes an editor's schema.
 */
#include "bridge/options.h"

#include "bridge/cli/cli.h"

#include <stdio.h>

static void print_types(const json_t *types)
{
    size_t i;
    json_t *type;

    json_array_foreach(types, i, type)
    {
        (void)printf("%s%s", i ? " or " : "", json_string_value(type));
    }
}

static void print_row(const json_t *row)
{
    const bool launch = json_is_true(json_object_get(row, "launch"));
    const bool attach = json_is_true(json_object_get(row, "attach"));
    const json_t *fallback = json_object_get(row, "default");
    cd_autofree char *text = fallback ? json_dumps(fallback, JSON_ENCODE_ANY) : NULL;

    (void)printf("%s  (", json_string_value(json_object_get(row, "name")));
    print_types(json_object_get(row, "types"));
    (void)printf(", %s%s%s)\n    %s\n", launch ? attach ? "launch and attach" : "launch" : "attach",
                 text ? ", default " : "", text ? text : "",
                 json_string_value(json_object_get(row, "description")));
}

int bridge_options_main(int argc, char **argv)
{
    bool json;
    const int status = bridge_cli_json_only(argc, argv, &json);
    size_t i;
    json_t *row;

    if (status >= 0) {
        return status;
    }
    json_auto_t *list = bridge_options_describe();
    if (json) {
        return bridge_cli_print_json(json_incref(list));
    }
    json_array_foreach(list, i, row)
    {
        if (json_is_true(json_object_get(row, "supported"))) {
            print_row(row);
        }
    }
    return 0;
}
