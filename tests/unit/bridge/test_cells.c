/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The cell registry: every spelling of contracts.md §2 in, the client's own spelling out, byte for
 * byte, and texts as executed. The notebook below has code cells 1 and 2 (line 9 is cell 1's first).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/notebook/cells.h"
#include "dap/cell_path.h"
#include "support/bridge/notebook_file.h"

#include <cmocka.h>

#define PREFIX "/tmp/kernel_1/"
#define URI    "vscode-notebook-cell://host%2B1:80/w%20x/nb.ipynb#W0sZmlsZQ%3D%3D"

static const char notebook[] = "{\n"
                               " \"nbformat\": 4,\n"
                               " \"cells\": [\n"
                               "  {\"cell_type\": \"markdown\", \"source\": []},\n"
                               "  {\n"
                               "   \"cell_type\": \"code\",\n"
                               "   \"id\": \"one\",\n"
                               "   \"source\": [\n"
                               "    \"a = 1\\n\",\n"
                               "    \"b = 2\"\n"
                               "   ]},\n"
                               "  {\"cell_type\": \"code\",\n"
                               "   \"source\": [\n"
                               "    \"c = 3\\n\"\n"
                               "   ]}\n"
                               " ]\n"
                               "}\n";
#define ONE "a = 1\nb = 2"
#define TWO "c = 3\n"

struct fixture {
    char *path;
    struct bridge_notebook *nb;
    struct bridge_cells *cells;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->path = file_make(notebook, strlen(notebook));
    assert_int_equal(bridge_notebook_load(f->path, &f->nb, NULL), CD_OK);
    f->cells = bridge_cells_new(NULL);
    assert_int_equal(bridge_cells_set_notebook(f->cells, f->nb, NULL), CD_OK);
    assert_int_equal(bridge_cells_set_prefix(f->cells, PREFIX, NULL), CD_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    bridge_cells_free(f->cells);
    bridge_notebook_free(f->nb);
    file_remove(f->path);
    free(f);
    return 0;
}

static const char *hash_path(const char *code)
{
    static char out[100];
    (void)snprintf(out, sizeof(out), PREFIX "%u.py",
                   dap_murmur2(code, strlen(code), DAP_CELL_HASH_SEED));
    return out;
}

static struct bridge_source resolve(struct fixture *f, const char *path)
{
    struct bridge_source s;
    struct cd_error err = CD_ERROR_INIT;
    json_auto_t *source = json_pack("{s:s}", "path", path);
    if (bridge_cells_resolve(f->cells, source, &s, &err)) {
        fail_msg("'%s': %s", path, err.text);
    }
    return s;
}

static struct bridge_source resolve_reference(struct fixture *f, int reference)
{
    struct bridge_source s;
    json_auto_t *source = json_pack("{s:i}", "sourceReference", reference);
    assert_int_equal(bridge_cells_resolve(f->cells, source, &s, NULL), CD_OK);
    return s;
}

static int announce(struct fixture *f, const char *uri, int index, const char *id, const char *code)
{
    int cell = -1;
    struct cd_error err = CD_ERROR_INIT;
    json_auto_t *a = json_pack("{s:s,s:s,s:i,s:s*,s:s}", "uri", uri, "notebook", f->path, "index",
                               index, "id", id, "code", code);
    if (bridge_cells_announce(f->cells, a, &cell, &err)) {
        fail_msg("%s", err.text);
    }
    return cell;
}

/* A frame of the kernel at this line of this text, as the client sees it. */
static json_t *frame_out(struct fixture *f, const char *code, const char *cell_id, int line)
{
    json_t *frame = json_pack("{s:i,s:i,s:{s:s}}", "line", line, "column", 5, "source", "path",
                              hash_path(code));
    json_t *source = json_object_get(frame, "source");
    if (cell_id) {
        (void)json_object_set_new(source, "adapterData", json_pack("{s:s}", "cellId", cell_id));
    }
    assert_int_equal(bridge_cells_object_out(f->cells, frame, NULL), CD_OK);
    return frame;
}

static void assert_frame(json_t *frame_owned, const char *path, int line)
{
    const json_t *source = json_object_get(frame_owned, "source");
    assert_string_equal(json_string_value(json_object_get(source, "path")), path);
    assert_null(json_object_get(source, "sourceReference"));
    assert_int_equal(json_integer_value(json_object_get(frame_owned, "line")), line);
    json_decref(frame_owned);
}

static int frame_reference(json_t *frame_owned, int line)
{
    const json_t *source = json_object_get(frame_owned, "source");
    int reference = (int)json_integer_value(json_object_get(source, "sourceReference"));
    assert_true(reference > 0);
    assert_null(json_object_get(source, "path"));
    assert_int_equal(json_integer_value(json_object_get(frame_owned, "line")), line);
    json_decref(frame_owned);
    return reference;
}

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
    assert_int_equal(json_integer_value(json_object_get(frame, "column")), 1);
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
    static const char *const bad[] = {"#cell=0", "#cell=9", "#cell=1x", "#cell=", "#cell=-1",
                                      "#cell-id=none", "#cell-id="};
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
    json_auto_t *frame =
        json_pack("{s:i,s:{s:s,s:i}}", "line", 3, "source", "name", "<frozen>", "sourceReference",
                  ours);
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
    json_auto_t *a = json_pack("{s:{s:s},s:i,s:i}", "source", "path", f->path, "line", 9, "endLine",
                               10);
    json_auto_t *want =
        json_pack("{s:{s:s,s:{s:s}},s:i,s:i}", "source", "path", hash_path(ONE), "adapterData",
                  "cellId", "one", "line", 1, "endLine", 2);
    struct cd_error err = CD_ERROR_INIT;
    assert_int_equal(bridge_cells_object_in(f->cells, a, &err), CD_OK);
    assert_true(json_equal(a, want));
    json_auto_t *two = json_pack("{s:{s:s},s:i,s:i}", "source", "path", f->path, "line", 9,
                                 "endLine", 14);
    assert_int_equal(bridge_cells_object_in(f->cells, two, &err), CD_ERR);
    assert_non_null(strstr(err.text, "two cells"));
    json_auto_t *file = json_pack("{s:{s:s},s:i}", "source", "path", "/x.py", "line", 9);
    assert_int_equal(bridge_cells_object_in(f->cells, file, NULL), CD_OK);
    assert_int_equal(json_integer_value(json_object_get(file, "line")), 9);
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
        {"{\"cell\": {\"index\": 2}}", 1},      {"{\"index\": 1}", 0},
        {"{\"cell\": {\"id\": \"one\"}}", 0},   {"{\"uri\": \"u:1\"}", 1},
        {"{\"cell\": {\"index\": 0}}", -1},     {"{\"id\": \"none\"}", -1},
        {"{}", -1},                             {"{\"cell\": 1}", -1},
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
        TEST(a_text_that_differs_shows_as_executed),
        TEST(cells_with_the_same_text_are_told_apart_by_their_tag),
        TEST(console_lines_have_a_text),
        TEST(a_restarted_kernel_has_new_paths_and_forgets_old_texts),
        TEST(other_sources_pass_through),
        TEST(references_of_the_kernel_are_renumbered_and_back),
        TEST(arguments_of_the_client_become_the_kernels),
        TEST(the_same_source_has_one_key),
        TEST(wrong_types_name_the_field),
        TEST(cells_are_found_by_uri_id_and_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
