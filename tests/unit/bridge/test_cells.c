/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How a client names cells: every spelling of contracts.md §2 in, the client's own spelling out,
 * byte for byte.
 */
#include "support/bridge/cells_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void a_json_line_names_a_cell_and_back(void **state)
{
    struct fixture *f = *state;
    struct bridge_source s = resolve(f, f->path);
    int cell = -1;
    int line = -1;
    struct cd_error err = CD_ERROR_INIT;
    assert_int_equal(s.kind, BRIDGE_SOURCE_NOTEBOOK);
    assert_true(bridge_cells_line_in(f->cells, &s, 10, &cell, &line, &err));
    assert_int_equal(cell, bridge_cells_by_index(f->cells, 1));
    assert_int_equal(line, 2);
    assert_false(bridge_cells_line_in(f->cells, &s, 4, &cell, &line, &err));
    assert_non_null(strstr(err.text, "line 4"));
    json_t *frame = frame_out(f, ONE, "one", 2);
    assert_int_equal(json_integer_value(json_object_get(frame, "column")), 10);
    assert_frame(frame, f->path, 10);
}

static void the_notebook_is_answered_as_the_client_spelt_it(void **state)
{
    struct fixture *f = *state;
    char link[200];
    char dotted[200];
    (void)snprintf(link, sizeof(link), "%s.link", f->path);
    assert_int_equal(symlink(f->path, link), 0);
    assert_int_equal(resolve(f, link).kind, BRIDGE_SOURCE_NOTEBOOK);
    assert_frame(frame_out(f, TWO, NULL, 1), link, 14);
    (void)snprintf(dotted, sizeof(dotted), "/tmp/./%s", f->path + strlen("/tmp/"));
    assert_int_equal(resolve(f, dotted).kind, BRIDGE_SOURCE_NOTEBOOK);
    assert_frame(frame_out(f, TWO, NULL, 1), dotted, 14);
    assert_int_equal(unlink(link), 0);
}

static void a_client_that_named_nothing_gets_the_file_or_the_uri(void **state)
{
    struct fixture *f = *state;
    assert_frame(frame_out(f, TWO, NULL, 1), f->path, 14);
    (void)announce(f, URI, 2, NULL, TWO);
    assert_frame(frame_out(f, TWO, NULL, 1), URI, 1);
    assert_frame(frame_out(f, ONE, NULL, 1), f->path, 9);
}

static void a_uri_is_pending_until_it_is_announced(void **state)
{
    struct fixture *f = *state;
    struct bridge_source s = resolve(f, URI);
    int cell = -1;
    int line = -1;
    assert_int_equal(s.kind, BRIDGE_SOURCE_PENDING);
    assert_false(bridge_cells_line_in(f->cells, &s, 1, &cell, &line, NULL));
    int announced = announce(f, URI, 1, "one", ONE);
    assert_int_equal(announced, bridge_cells_by_id(f->cells, "one"));
    s = resolve(f, URI);
    assert_int_equal(s.kind, BRIDGE_SOURCE_CELL);
    assert_int_equal(s.cell, announced);
    assert_frame(frame_out(f, ONE, "one", 2), URI, 2);
    /* the same characters, spelt otherwise, are another URI */
    assert_int_equal(resolve(f, "vscode-notebook-cell://host+1:80/w x/nb.ipynb#W0sZmlsZQ==").kind,
                     BRIDGE_SOURCE_PENDING);
}

static void a_cell_that_the_file_does_not_have_can_be_announced(void **state)
{
    struct fixture *f = *state;
    int cell = announce(f, URI, 7, "new", "x");
    struct bridge_cell_view view;
    assert_int_equal(bridge_cells_count(f->cells), 3);
    bridge_cells_view(f->cells, cell, &view);
    assert_string_equal(view.id, "new");
    assert_string_equal(view.code, "x");
    assert_string_equal(view.path, hash_path("x"));
    assert_frame(frame_out(f, "x", "new", 1), URI, 1);
}

static void the_last_spelling_of_a_cell_counts(void **state)
{
    struct fixture *f = *state;
    (void)announce(f, URI, 1, "one", ONE);
    (void)resolve(f, URI);
    (void)resolve(f, f->path);
    assert_frame(frame_out(f, ONE, "one", 1), f->path, 9);
    (void)resolve(f, URI);
    assert_frame(frame_out(f, ONE, "one", 1), URI, 1);
    assert_frame(frame_out(f, TWO, NULL, 1), f->path, 14);
}

static void a_fragment_names_a_cell_and_is_answered_by_reference(void **state)
{
    struct fixture *f = *state;
    static const char *const good[] = {"#cell=1", "#cell-id=one"};
    static const char *const bad[] = {
        "#cell=0", "#cell=9", "#cell=1x", "#cell=", "#cell=-1", "#cell-id=none", "#cell-id="};
    char path[200];
    for (size_t i = 0; i < CD_ARRAY_LEN(good); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", f->path, good[i]);
        struct bridge_source s = resolve(f, path);
        assert_int_equal(s.kind, BRIDGE_SOURCE_CELL);
        assert_int_equal(s.cell, bridge_cells_by_index(f->cells, 1));
        json_t *frame = frame_out(f, ONE, "one", 2);
        const json_t *name = json_object_get(json_object_get(frame, "source"), "name");
        assert_string_equal(json_string_value(name), "nb.ipynb [cell 1]");
        int reference = frame_reference(frame, 2);
        assert_int_equal(resolve_reference(f, reference).cell, s.cell);
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(bad); i++) {
        struct bridge_source s;
        (void)snprintf(path, sizeof(path), "%s%s", f->path, bad[i]);
        json_auto_t *source = json_pack("{s:s}", "path", path);
        assert_int_equal(bridge_cells_resolve(f->cells, source, &s, NULL), CD_ERR);
    }
}

static void a_dap_src_path_is_answered_byte_for_byte(void **state)
{
    struct fixture *f = *state;
    char path[200];
    (void)snprintf(path, sizeof(path), "%s#cell=1", f->path);
    (void)resolve(f, path);
    int reference = frame_reference(frame_out(f, ONE, "one", 1), 1);
    (void)snprintf(path, sizeof(path), "dap-src://5/%d/nb.ipynb [cell 1]", reference);
    assert_int_equal(resolve(f, path).kind, BRIDGE_SOURCE_CELL);
    assert_frame(frame_out(f, ONE, "one", 1), path, 1);
    (void)snprintf(path, sizeof(path), "dap-src://5/%d00/x", reference);
    json_auto_t *unknown = json_pack("{s:s}", "path", path);
    struct bridge_source s;
    assert_int_equal(bridge_cells_resolve(f->cells, unknown, &s, NULL), CD_ERR);
}

static void the_same_source_has_one_key(void **state)
{
    struct fixture *f = *state;
    char path[5000];
    (void)announce(f, URI, 1, "one", ONE);
    struct bridge_source uri = resolve(f, URI);
    (void)snprintf(path, sizeof(path), "%s#cell=1", f->path);
    assert_string_equal(resolve(f, path).key, uri.key);
    memset(path, 'x', 3000);
    path[0] = '/';
    path[3000] = '\0';
    struct bridge_source one = resolve(f, path);
    path[1] = 'y';
    assert_string_not_equal(resolve(f, path).key, one.key);
}

static void wrong_types_name_the_field(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *json, *says;
    } rows[] = {
        {"{}", "arguments.source.path"},
        {"{\"path\": 5}", "arguments.source.path"},
        {"{\"path\": \"\"}", "arguments.source.path"},
        {"{\"path\": \"/a\\u0000b\"}", "arguments.source.path"},
        {"{\"sourceReference\": \"1\"}", "arguments.source.sourceReference"},
        {"{\"sourceReference\": 99}", "99"},
    };
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        struct bridge_source s;
        struct cd_error err = CD_ERROR_INIT;
        json_auto_t *source = json_loads(rows[i].json, JSON_ALLOW_NUL, NULL);
        assert_int_equal(bridge_cells_resolve(f->cells, source, &s, &err), CD_ERR);
        assert_non_null(strstr(err.text, rows[i].says));
    }
}

static void cells_are_found_by_uri_id_and_index(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *json;
        int cell;
    } rows[] = {
        {"{\"cell\": {\"index\": 2}}", 1},
        {"{\"index\": 1}", 0},
        {"{\"cell\": {\"id\": \"one\"}}", 0},
        {"{\"uri\": \"u:1\"}", 1},
        {"{\"cell\": {\"index\": 0}}", -1},
        {"{\"id\": \"none\"}", -1},
        {"{}", -1},
        {"{\"cell\": 1}", -1},
        {"{\"cell\": {\"index\": \"1\"}}", -1},
    };
    (void)announce(f, "u:1", 2, NULL, TWO);
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        int cell = -1;
        json_auto_t *a = json_loads(rows[i].json, 0, NULL);
        cd_result r = bridge_cells_find(f->cells, a, &cell, NULL);
        assert_int_equal(r, rows[i].cell < 0 ? CD_ERR : CD_OK);
        assert_int_equal(cell, rows[i].cell);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_json_line_names_a_cell_and_back),
        TEST(the_notebook_is_answered_as_the_client_spelt_it),
        TEST(a_client_that_named_nothing_gets_the_file_or_the_uri),
        TEST(a_uri_is_pending_until_it_is_announced),
        TEST(a_cell_that_the_file_does_not_have_can_be_announced),
        TEST(the_last_spelling_of_a_cell_counts),
        TEST(a_fragment_names_a_cell_and_is_answered_by_reference),
        TEST(a_dap_src_path_is_answered_byte_for_byte),
        TEST(the_same_source_has_one_key),
        TEST(wrong_types_name_the_field),
        TEST(cells_are_found_by_uri_id_and_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
