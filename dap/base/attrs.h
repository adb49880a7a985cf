/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Compiler attributes: ownership, printf checks, thread roles, the GIL.
 * Roles and the GIL are capabilities that clang's -Wthread-safety checks; gcc sees nothing of them.
 */
#ifndef CD_ATTRS_H
#define CD_ATTRS_H

#include <stddef.h>

#if defined(__clang__)
#define CD_TSA(x) __attribute__((x))
#define CD_NEW(f) __attribute__((malloc, warn_unused_result))
#else
#define CD_TSA(x)
#define CD_NEW(f) __attribute__((malloc, malloc(f, 1), warn_unused_result))
#endif

#define CD_MUST_CHECK   __attribute__((warn_unused_result))
#define CD_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* A capability that only says "this code runs on that thread" or "the GIL is held". */
struct CD_TSA(capability("role")) cd_role {
    int unused;
};
extern struct cd_role cd_gil;

#define CD_NEEDS_GIL   CD_TSA(requires_capability(cd_gil))
#define CD_WITHOUT_GIL CD_TSA(locks_excluded(cd_gil))
#define CD_ON(role)    CD_TSA(requires_capability(role))

/* clang before 23 warns falsely on correct C code here (measured), so it is empty for them. */
#if defined(__clang__) && __clang_major__ >= 23
#define CD_GUARDED_BY(mu) CD_TSA(guarded_by(mu))
#else
#define CD_GUARDED_BY(mu)
#endif

/* Releases at the end of the scope; the value must be initialised where it is declared. */
void cd_autofree_(void *pp);
void cd_autofd_(int *fd);
#define cd_autofree __attribute__((cleanup(cd_autofree_)))
#define cd_autofd   __attribute__((cleanup(cd_autofd_)))

/* Moves a pointer out of a variable and leaves NULL behind. */
#define cd_take(p)                                                                                 \
    __extension__({                                                                                \
        __auto_type cd_taken_ = (p);                                                               \
        (p) = NULL;                                                                                \
        cd_taken_;                                                                                 \
    })

#define CD_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* 0 is success, -1 a failure whose cd_error is filled. */
typedef int cd_result;
#define CD_OK  0
#define CD_ERR (-1)

#endif
