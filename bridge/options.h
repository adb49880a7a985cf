/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The options of launch and attach (options.def): what they are, and whether a configuration's have
 * the types that they may have. Who reads a checked configuration need not look again.
 */
#ifndef BRIDGE_OPTIONS_H
#define BRIDGE_OPTIONS_H

#include "dap/base/json.h"

enum bridge_option_type {
    BRIDGE_OPTION_BOOLEAN = 1,
    BRIDGE_OPTION_INTEGER = 2,
    BRIDGE_OPTION_STRING = 4,
    BRIDGE_OPTION_ARRAY = 8,
    BRIDGE_OPTION_OBJECT = 16,
    BRIDGE_OPTION_NUL = 32,
    BRIDGE_OPTION_ANY = 63
};
enum bridge_option_where {
    BRIDGE_OPTION_LAUNCH = 1,
    BRIDGE_OPTION_ATTACH = 2,
    BRIDGE_OPTION_BOTH = 3,
    BRIDGE_OPTION_REFUSED = 4 | 3,       /* debugpy's: left out, and the user is told */
    BRIDGE_OPTION_REFUSED_ATTACH = 4 | 2 /* debugpy's: an attach by it is an error */
};

/* Every option has a type that it may have; strings hold no NUL. CD_E_BAD_TYPE and CD_E_BAD_VALUE
 * name the field. arguments NULL: nothing is given. */
cd_result bridge_options_check(const json_t *arguments, enum bridge_option_where where,
                               struct cd_error *reterr) CD_MUST_CHECK;
/* "option 'django', option 'qt'": what is asked for and not supported; "" when nothing is. */
void bridge_options_note(const json_t *arguments, char *out, size_t out_bytes);
/* Of a checked configuration: what is given, else the default. */
bool bridge_option_bool(const json_t *arguments, const char *name);
/* Borrowed; NULL: neither given nor a default; "" counts as not given. */
const char *bridge_option_str(const json_t *arguments, const char *name);
/* New: [{name, types, description, launch, attach, supported, default?, values?}]. */
json_t *bridge_options_describe(void);

#endif
