/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hitCondition: js-debug's grammar `^(>|>=|={1,3}|<|<=|%)?\s*[0-9]+$`, a bare number is `==` as in
 * debugpy. Pure; the matching half runs on the user's threads, at every hit.
 */
#include "kernel/debug/hit.h"

#include <string.h>

static const struct {
    const char *text;
    enum dbg_hit_op op;
} OPERATORS[] = {
    /* longer ones first */
    {"===", DBG_HIT_EQ}, {"==", DBG_HIT_EQ}, {">=", DBG_HIT_GE}, {"<=", DBG_HIT_LE},
    {"=", DBG_HIT_EQ},   {">", DBG_HIT_GT},  {"<", DBG_HIT_LT},  {"%", DBG_HIT_MOD},
};

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t\r\n\f\v");
}

/* Digits only; false when there are none or the number does not fit. */
static bool read_number(const char **pp, int64_t *ret)
{
    const char *p = *pp;
    int64_t n = 0;
    if (*p < '0' || *p > '9') {
        return false;
    }
    for (; *p >= '0' && *p <= '9'; p++) {
        if (n > (INT64_MAX - (*p - '0')) / 10) {
            return false;
        }
        n = n * 10 + (*p - '0');
    }
    *pp = p;
    *ret = n;
    return true;
}

cd_result dbg_hit_parse(const char *text, struct dbg_hit *ret, struct cd_error *reterr)
{
    struct dbg_hit hit = {DBG_HIT_ALWAYS, 0};
    const char *p = text ? skip_blanks(text) : "";
    if (!*p) {
        *ret = hit;
        return CD_OK;
    }
    hit.op = DBG_HIT_EQ;
    for (size_t i = 0; i < CD_ARRAY_LEN(OPERATORS); i++) {
        size_t len = strlen(OPERATORS[i].text);
        if (strncmp(p, OPERATORS[i].text, len) == 0) {
            hit.op = OPERATORS[i].op;
            p = skip_blanks(p + len);
            break;
        }
    }
    if (!read_number(&p, &hit.n) || *skip_blanks(p) || (hit.op == DBG_HIT_MOD && hit.n == 0)) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "bad hit condition '%.60s': use N, == N, > N, >= N, < N, <= N or %% N",
                            text);
    }
    *ret = hit;
    return CD_OK;
}

bool dbg_hit_matches(const struct dbg_hit *h, int64_t count)
{
    switch (h->op) {
    case DBG_HIT_ALWAYS:
        return true;
    case DBG_HIT_EQ:
        return count == h->n;
    case DBG_HIT_GT:
        return count > h->n;
    case DBG_HIT_GE:
        return count >= h->n;
    case DBG_HIT_LT:
        return count < h->n;
    case DBG_HIT_LE:
        return count <= h->n;
    case DBG_HIT_MOD:
        return count % h->n == 0;
    }
    return false;
}
