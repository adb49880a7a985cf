/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reals as JSON text and back, whatever LC_NUMERIC is. Any thread.
 */
#ifndef CD_NUMBER_H
#define CD_NUMBER_H

#include <stddef.h>

#define CD_NUMBER_CHARS 40

/* The fewest digits from 15 to 17 that read back as d; never to be taken for an integer ("2.0",
 * "1e+300"); "null" where d is not finite. Returns its length; out is NUL-terminated. */
size_t cd_number_format(double d, char out[CD_NUMBER_CHARS]);
/* text: a NUL-terminated JSON number. Infinite on overflow. */
double cd_number_parse(const char *text);

#endif
