/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hitCondition (facts: dap.md §2.6): `N`, `== N`, `> >= < <= N`, `% N`. Pure.
 */
#ifndef DBG_HIT_H
#define DBG_HIT_H

#include "dap/base/error.h"

#include <stdint.h>

enum dbg_hit_op {
    DBG_HIT_ALWAYS,
    DBG_HIT_EQ,
    DBG_HIT_GT,
    DBG_HIT_GE,
    DBG_HIT_LT,
    DBG_HIT_LE,
    DBG_HIT_MOD
};

struct dbg_hit {
    enum dbg_hit_op op;
    int64_t n;
};

/* text NULL or blank: always. CD_E_BAD_VALUE names the text and the grammar. */
cd_result dbg_hit_parse(const char *text, struct dbg_hit *ret, struct cd_error *reterr)
    CD_MUST_CHECK;
/* count: hits so far, this one included (>= 1); hits count only where the condition held. */
bool dbg_hit_matches(const struct dbg_hit *h, int64_t count);

#endif
