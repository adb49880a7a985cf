/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the two halves of the fake (engine and transport) know of each other.
 */
#ifndef FAKE_INTERNAL_H
#define FAKE_INTERNAL_H

#include "support/debug/fake_engine.h"

extern struct fake *fake_current;
extern const struct engine_ops fake_ops;

void fake_timeline(struct fake *f, const char *what, const char *detail);
void fake_queue_job(struct fake *f, enum fake_queue q, struct dbg_job *job_owned);
void fake_forget_breakpoints(struct fake *f);
void fake_forget_filters(struct fake *f);

#endif
