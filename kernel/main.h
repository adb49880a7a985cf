/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the kernel module exports besides PyInit__celldap (ADR 0001). The loader calls it after it
 * opened libpython; a plain python calls it through _celldap.main(argv), with the GIL held.
 */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

#define KERNEL_LOADER_VERSION 1

struct kernel_loader_info {
    int version;        /* KERNEL_LOADER_VERSION */
    const char *python; /* absolute path of the interpreter, a venv's unresolved */
};

/* argv as of a program, options as in options.h. loader NULL: Python runs already, --python says
 * which. Returns the exit status of the process. */
__attribute__((visibility("default"))) int
celldap_kernel_main(int argc, char **argv, const struct kernel_loader_info *loader);

#endif
