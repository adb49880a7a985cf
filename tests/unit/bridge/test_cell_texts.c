/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Texts of cells as executed, sourceReferences, and whole messages rewritten both ways.
 */
#include "support/bridge/cells_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_text_that_differs_shows_as_executed(void **state)
{
    struct fixture *f = *state;
    const char *text = NULL;
    size_t len = 0;
    json_t *asked = NULL;
    int cell = announce(f, URI, 1, "one", ONE);
    assert_int_equal(bridge_cells_executed(f->cells, cell, ONE, strlen(ONE), NULL), CD_OK);
    (void)announce(f, URI, 1, "one", "edited");
    int reference = frame_reference(frame_out(f, ONE, "one", 2), 2);
    struct bridge_source s = resolve_reference(f, reference);
    assert_int_equal(s.kind, BRIDGE_SOURCE_TEXT);
    json_auto_t *arguments = json_pack("{s:i}", "sourceReference", reference);
    assert_int_equal(bridge_cells_source_text(f->cells, arguments, &text, &len, &asked, NULL), 1);
    assert_string_equal(text, ONE);
    assert_int_equal(len, strlen(ONE));
    assert_frame(frame_out(f, "edited", "one", 1), URI, 1);
    /* the file has the old text: its lines are not those of what would run now */
    s = resolve(f, f->path);
    int line = 0;
    struct cd_error err = CD_ERROR_INIT;
    assert_false(bridge_cells_line_in(f->cells, &s, 9, &cell, &line, &err));
    assert_non_null(strstr(err.text, "edited"));
    (void)frame_reference(frame_out(f, "edited", "one", 1), 1);
    /* and edited back */
    (void)announce(f, URI, 1, "one", ONE);
    assert_int_equal(resolve_reference(f, reference).kind, BRIDGE_SOURCE_CELL);
}

static void cells_with_the_same_text_are_told_apart_by_their_tag(void **state)
{
    struct fixture *f = *state;
    int first = announce(f, "a:x1", 1, "one", "same");
    int second = announce(f, "a:x2", 2, NULL, "same");
    assert_int_not_equal(first, second);
    assert_frame(frame_out(f, "same", "one", 1), "a:x1", 1);
    assert_frame(frame_out(f, "same", "idx-2", 1), "a:x2", 1);
    assert_int_equal(bridge_cells_executed(f->cells, second, "same", 4, NULL), CD_OK);
    assert_frame(frame_out(f, "same", NULL, 1), "a:x2", 1);
    assert_int_equal(bridge_cells_executed(f->cells, first, "same", 4, NULL), CD_OK);
    assert_frame(frame_out(f, "same", NULL, 1), "a:x1", 1);
}

static void console_lines_have_a_text(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(bridge_cells_executed(f->cells, -1, "boom()", 6, NULL), CD_OK);
    int reference = frame_reference(frame_out(f, "boom()", NULL, 1), 1);
    assert_int_equal(resolve_reference(f, reference).kind, BRIDGE_SOURCE_TEXT);
}

static void a_restarted_kernel_has_new_paths_and_forgets_old_texts(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(bridge_cells_executed(f->cells, 0, "old", 3, NULL), CD_OK);
    assert_int_equal(bridge_cells_set_prefix(f->cells, "/tmp/kernel_2/", NULL), CD_OK);
    json_auto_t *frame = frame_out(f, ONE, "one", 1); /* a path of the first kernel */
    const json_t *path = json_object_get(json_object_get(frame, "source"), "path");
    assert_string_equal(json_string_value(path), hash_path(ONE));
    struct bridge_cell_view view;
    bridge_cells_view(f->cells, bridge_cells_by_id(f->cells, "one"), &view);
    assert_int_equal(strncmp(view.path, "/tmp/kernel_2/", 14), 0);
    assert_int_equal(bridge_cells_set_prefix(f->cells, PREFIX, NULL), CD_OK);
    json_auto_t *forgotten = frame_out(f, "old", NULL, 1);
    path = json_object_get(json_object_get(forgotten, "source"), "path");
    assert_string_equal(json_string_value(path), hash_path("old"));
}

static void other_sources_pass_through(void **state)
{
    struct fixture *f = *state;
    json_auto_t *frame = json_pack("{s:i,s:{s:s}}", "line", 3, "source", "path", "/usr/lib/x.py");
    json_auto_t *copy = json_deep_copy(frame);
    assert_int_equal(bridge_cells_object_out(f->cells, frame, NULL), CD_OK);
    assert_true(json_equal(frame, copy));
    json_auto_t *bare = json_pack("{s:i}", "line", 3);
    assert_int_equal(bridge_cells_object_out(f->cells, bare, NULL), CD_OK);
    assert_int_equal(resolve(f, "/usr/lib/x.py").kind, BRIDGE_SOURCE_FILE);
    assert_int_equal(resolve(f, "/elsewhere/other.ipynb").kind, BRIDGE_SOURCE_PENDING);
}

static void references_of_the_kernel_are_renumbered_and_back(void **state)
{
    struct fixture *f = *state;
    const char *text = NULL;
    size_t len = 0;
    json_t *asked = NULL;
    assert_int_equal(bridge_cells_executed(f->cells, -1, "x", 1, NULL), CD_OK);
    int ours = frame_reference(frame_out(f, "x", NULL, 1), 1);
    json_auto_t *frame = json_pack("{s:i,s:{s:s,s:i}}", "line", 3, "source", "name", "<frozen>",
                                   "sourceReference", ours);
    assert_int_equal(bridge_cells_object_out(f->cells, frame, NULL), CD_OK);
    const json_t *source = json_object_get(frame, "source");
    int theirs = (int)json_integer_value(json_object_get(source, "sourceReference"));
    assert_int_not_equal(theirs, ours);
    struct bridge_source s = resolve_reference(f, theirs);
    assert_int_equal(s.kind, BRIDGE_SOURCE_KERNEL);
    assert_int_equal(s.kernel_reference, ours);
    json_auto_t *arguments = json_pack("{s:i}", "sourceReference", theirs);
    assert_int_equal(bridge_cells_source_text(f->cells, arguments, &text, &len, &asked, NULL), 0);
    assert_int_equal(json_integer_value(json_object_get(asked, "sourceReference")), ours);
    json_decref(asked);
}

static void arguments_of_the_client_become_the_kernels(void **state)
{
    struct fixture *f = *state;
    json_auto_t *a =
        json_pack("{s:{s:s},s:i,s:i}", "source", "path", f->path, "line", 9, "endLine", 10);
    json_auto_t *want = json_pack("{s:{s:s,s:{s:s}},s:i,s:i}", "source", "path", hash_path(ONE),
                                  "adapterData", "cellId", "one", "line", 1, "endLine", 2);
    struct cd_error err = CD_ERROR_INIT;
    assert_int_equal(bridge_cells_object_in(f->cells, a, &err), CD_OK);
    assert_true(json_equal(a, want));
    json_auto_t *two =
        json_pack("{s:{s:s},s:i,s:i}", "source", "path", f->path, "line", 9, "endLine", 14);
    assert_int_equal(bridge_cells_object_in(f->cells, two, &err), CD_ERR);
    assert_non_null(strstr(err.text, "two cells"));
    json_auto_t *file = json_pack("{s:{s:s},s:i}", "source", "path", "/x.py", "line", 9);
    assert_int_equal(bridge_cells_object_in(f->cells, file, NULL), CD_OK);
    assert_int_equal(json_integer_value(json_object_get(file, "line")), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_text_that_differs_shows_as_executed),
        TEST(cells_with_the_same_text_are_told_apart_by_their_tag),
        TEST(console_lines_have_a_text),
        TEST(a_restarted_kernel_has_new_paths_and_forgets_old_texts),
        TEST(other_sources_pass_through),
        TEST(references_of_the_kernel_are_renumbered_and_back),
        TEST(arguments_of_the_client_become_the_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
