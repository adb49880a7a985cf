/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The processes that the user's code started: what descends from the kernel and is in its process
 * group (start_new_session=True sets one free), as a terminal and ipykernel see it.
 */
#ifndef KERNEL_CHILDREN_H
#define KERNEL_CHILDREN_H

/* SIGINT for each, as a terminal's Ctrl-C has it: os.system() ignores it while its child runs.
 * Control thread; does not wait. */
void kernel_children_interrupt(void);
/* SIGTERM for each; what is there after grace_ms is killed, but for those that ignore SIGTERM:
 * multiprocessing's resource tracker cleans up when we are gone. Any thread. */
void kernel_children_end(int grace_ms);

#endif
