/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What `celldap doctor` collects: one finding a line.
 */
#ifndef BRIDGE_CLI_DOCTOR_H
#define BRIDGE_CLI_DOCTOR_H

#include "dap/base/json.h"

enum doctor_status { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor {
    json_t *findings; /* array of {status, what, text, todo?} */
    int worst;        /* enum doctor_status */
};

/* todo: what the user can do, NULL when nothing is wrong. */
void doctor_add(struct doctor *d, enum doctor_status status, const char *what, const char *todo,
                const char *format, ...) CD_PRINTF(5, 6);

void doctor_check_python(struct doctor *d, const char *asked, char **ret_python);
void doctor_check_installation(struct doctor *d);
void doctor_check_kernelspecs(struct doctor *d);
void doctor_check_runtime(struct doctor *d);
void doctor_check_ports(struct doctor *d);
/* Starts a kernel in python and waits for its first answer. */
void doctor_check_start(struct doctor *d, const char *python);

#endif
