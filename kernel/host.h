/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kernel as Python sees it: fills the tables of functions that kernel/python calls.
 */
#ifndef KERNEL_HOST_H
#define KERNEL_HOST_H

#include "kernel/kernel.h"

void kernel_host_fill(struct kernel *k);

#endif
