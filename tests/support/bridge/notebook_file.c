/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Files for the notebook tests (notebook_file.h).
 */
#include "support/bridge/notebook_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

char *file_make(const char *text, size_t len)
{
    char folder[] = "/tmp/celldap-test-XXXXXX";
    char *path = NULL;
    assert_non_null(mkdtemp(folder));
    assert_true(asprintf(&path, "%s/nb.ipynb", folder) > 0);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    return path;
}

void file_remove(char *path_owned)
{
    assert_int_equal(unlink(path_owned), 0);
    *strrchr(path_owned, '/') = '\0';
    assert_int_equal(rmdir(path_owned), 0); /* nothing else was left there */
    free(path_owned);
}

char *file_text(const char *path)
{
    FILE *f = fopen(path, "re");
    char *text = NULL;
    size_t cap = 0;
    assert_non_null(f);
    ssize_t n = getdelim(&text, &cap, '\0', f);
    assert_true(n >= 0);
    (void)fclose(f);
    return text;
}

struct bridge_notebook *notebook_of(const char *text)
{
    char *path = file_make(text, strlen(text));
    struct bridge_notebook *nb = NULL;
    struct cd_error err = CD_ERROR_INIT;
    if (bridge_notebook_load(path, &nb, &err)) {
        fail_msg("%s", err.text);
    }
    file_remove(path);
    return nb;
}
