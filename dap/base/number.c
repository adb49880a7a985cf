/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reals as JSON text and back in the C locale. The locale is switched for the calling thread only
 * and for the length of one snprintf; the process' own locale belongs to the user's code.
 */
#include "dap/base/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static locale_t c_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_locale(void)
{
    /* "C" needs no memory and no file in glibc: this cannot fail. */
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

double cd_number_parse(const char *text)
{
    pthread_once(&once, make_locale);
    return strtod_l(text, NULL, c_locale);
}

size_t cd_number_format(double d, char out[CD_NUMBER_CHARS])
{
    locale_t old;

    if (!isfinite(d)) {
        memcpy(out, "null", 5);
        return 4;
    }
    pthread_once(&once, make_locale);
    old = uselocale(c_locale);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, CD_NUMBER_CHARS, "%.*g", digits, d);
        if (strtod_l(out, NULL, c_locale) == d) {
            break;
        }
    }
    uselocale(old);
    if (!strpbrk(out, ".e")) {
        memcpy(out + strlen(out), ".0", 3);
    }
    return strlen(out);
}
