/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The fixture of the cell registry's tests (cells_fixture.h).
 */
#include "support/bridge/cells_fixture.h"

#include "dap/cell_path.h"
#include "support/bridge/notebook_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

int set_up(void **state)
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

int tear_down(void **state)
{
    struct fixture *f = *state;
    bridge_cells_free(f->cells);
    bridge_notebook_free(f->nb);
    file_remove(f->path);
    free(f);
    return 0;
}

const char *hash_path(const char *code)
{
    static char out[100];
    (void)snprintf(out, sizeof(out), PREFIX "%u.py",
                   dap_murmur2(code, strlen(code), DAP_CELL_HASH_SEED));
    return out;
}

struct bridge_source resolve(struct fixture *f, const char *path)
{
    struct bridge_source s;
    struct cd_error err = CD_ERROR_INIT;
    json_auto_t *source = json_pack("{s:s}", "path", path);
    if (bridge_cells_resolve(f->cells, source, &s, &err)) {
        fail_msg("'%s': %s", path, err.text);
    }
    return s;
}

struct bridge_source resolve_reference(struct fixture *f, int reference)
{
    struct bridge_source s;
    json_auto_t *source = json_pack("{s:i}", "sourceReference", reference);
    assert_int_equal(bridge_cells_resolve(f->cells, source, &s, NULL), CD_OK);
    return s;
}

int announce(struct fixture *f, const char *uri, int index, const char *id, const char *code)
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

json_t *frame_out(struct fixture *f, const char *code, const char *cell_id, int line)
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

void assert_frame(json_t *frame_owned, const char *path, int line)
{
    const json_t *source = json_object_get(frame_owned, "source");
    assert_string_equal(json_string_value(json_object_get(source, "path")), path);
    assert_null(json_object_get(source, "sourceReference"));
    assert_int_equal(json_integer_value(json_object_get(frame_owned, "line")), line);
    json_decref(frame_owned);
}

int frame_reference(json_t *frame_owned, int line)
{
    const json_t *source = json_object_get(frame_owned, "source");
    int reference = (int)json_integer_value(json_object_get(source, "sourceReference"));
    assert_true(reference > 0);
    assert_null(json_object_get(source, "path"));
    assert_int_equal(json_integer_value(json_object_get(frame_owned, "line")), line);
    json_decref(frame_owned);
    return reference;
}
