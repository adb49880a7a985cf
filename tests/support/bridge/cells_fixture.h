/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A registry of cells over a notebook with code cells 1 ("one") and 2 (no id): line 9 of the file
 * is the first of cell 1, line 14 the first of cell 2.
 */
#ifndef TESTS_SUPPORT_CELLS_FIXTURE_H
#define TESTS_SUPPORT_CELLS_FIXTURE_H

#include "bridge/notebook/cells.h"

#define PREFIX "/tmp/kernel_1/"
#define URI    "vscode-notebook-cell://host%2B1:80/w%20x/nb.ipynb#W0sZmlsZQ%3D%3D"

#define ONE "a = 1\nb = 2"
#define TWO "c = 3\n"

struct fixture {
    char *path;
    struct bridge_notebook *nb;
    struct bridge_cells *cells;
};

int set_up(void **state);
int tear_down(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* The kernel's hash path of a text; valid until the next call. */
const char *hash_path(const char *code);
struct bridge_source resolve(struct fixture *f, const char *path);
struct bridge_source resolve_reference(struct fixture *f, int reference);
/* celldap/cell; id may be NULL. Returns the handle. */
int announce(struct fixture *f, const char *uri, int index, const char *id, const char *code);
/* A frame of the kernel at this line of this text, as the client sees it. cell_id: the tag or NULL.
 */
json_t *frame_out(struct fixture *f, const char *code, const char *cell_id, int line);
void assert_frame(json_t *frame_owned, const char *path, int line);
/* The frame's sourceReference, which must be there instead of a path. */
int frame_reference(json_t *frame_owned, int line);

#endif
