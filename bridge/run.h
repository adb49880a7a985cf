/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap run FILE.ipynb`: a notebook run headless, outputs printed, exit status 0 or 1.
 */
#ifndef BRIDGE_RUN_H
#define BRIDGE_RUN_H

/* argv[0] is "run". Returns the exit status. */
int bridge_run_main(int argc, char **argv);

#endif
