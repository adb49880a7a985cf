/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Loading and saving notebook files: what is read, how a bad file is named, that a save changes
 * nothing but outputs and counts.
 */
#include "support/bridge/notebook_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void cells_are_read_as_nbformat_means_them(void **state)
{
    struct bridge_notebook *nb = notebook_of(
        "{\"nbformat\": 4, \"nbformat_minor\": 5,\n"
        " \"metadata\": {\"kernelspec\": {\"name\": \"python3\", \"language\": \"x\"},\n"
        "  \"language_info\": {\"name\": \"python\"}, \"huge\": 123456789012345678901234567890},\n"
        " \"cells\": [\n"
        " {\"cell_type\": \"markdown\", \"id\": \"m-1\", \"metadata\": {}, \"source\": \"# t\"},\n"
        " {\"cell_type\": \"code\", \"id\": \"c_2\", \"metadata\": {\"tags\": "
        "[\"raises-exception\"]},\n"
        "  \"outputs\": [NaN], \"source\": [\"a = '\\u00e9'\\r\\n\", \"b\\n\", \"\"]},\n"
        " {\"cell_type\": \"raw\", \"metadata\": {}, \"source\": []},\n"
        " {\"cell_type\": \"code\", \"metadata\": {\"tags\": [\"x\", \"skip-execution\"]},\n"
        "  \"source\": \"one\\ntwo\"},\n"
        " {\"cell_type\": \"code\", \"id\": \"c_2\", \"source\": []}]}");
    static const struct bridge_notebook_cell want[] = {
        {BRIDGE_CELL_MARKDOWN, 0, "m-1", "# t", 3, false, false},
        {BRIDGE_CELL_CODE, 1, "c_2", "a = '\xc3\xa9'\r\nb\n", 12, false, true},
        {BRIDGE_CELL_RAW, 2, "idx-2", "", 0, false, false},
        {BRIDGE_CELL_CODE, 3, "idx-3", "one\ntwo", 7, true, false},
        {BRIDGE_CELL_CODE, 4, "idx-4", "", 0, false, false},
    };
    (void)state;
    assert_int_equal(bridge_notebook_count(nb), CD_ARRAY_LEN(want));
    for (int i = 0; i < (int)CD_ARRAY_LEN(want); i++) {
        const struct bridge_notebook_cell *cell = bridge_notebook_cell(nb, i);
        assert_int_equal(cell->type, want[i].type);
        assert_int_equal(cell->index, i);
        assert_string_equal(cell->id, want[i].id);
        assert_string_equal(cell->source, want[i].source);
        assert_int_equal(cell->source_len, want[i].source_len);
        assert_int_equal(cell->skip_execution, want[i].skip_execution);
        assert_int_equal(cell->raises_exception, want[i].raises_exception);
    }
    assert_null(bridge_notebook_cell(nb, -1));
    assert_null(bridge_notebook_cell(nb, 5));
    assert_string_equal(bridge_notebook_kernel_name(nb), "python3");
    assert_string_equal(bridge_notebook_language(nb), "python");
    bridge_notebook_free(nb);
}

#define CELL(inside) "{\"nbformat\": 4, \"cells\": [\n" inside "\n]}"

static void a_bad_file_is_named_with_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "line 1: the file ends where a value is expected"},
        {"[]", "no notebook: expected a JSON object"},
        {"{}", "missing nbformat"},
        {"{\"nbformat\": \"4\", \"cells\": []}", "expected integer at nbformat"},
        {"{\"nbformat\": 3, \"worksheets\": []}", "nbformat is 3, celldap reads 4; convert"},
        {"{\"nbformat\": 5, \"cells\": []}", "nbformat is 5, newer"},
        {"{\"nbformat\": 4}", "missing cells"},
        {"{\"nbformat\": 4,\n \"cells\": {}}", "line 2: expected array at cells"},
        {"{\"nbformat\": 4,\n \"cells\": [],\n}", "line 3: expected a key, found '}'"},
        {"{\"nbformat\": 4,\n \"cells\": [\n{\"source\": \"a\nb\"}]}",
         "line 3: expected the closing quote"},
        {"\xef\xbb\xbf{}", "byte order mark"},
        {CELL("1"), "line 2: cells[0]: expected an object"},
        {CELL("{}"), "line 2: missing string at cells[0].cell_type"},
        {CELL("{\"cell_type\": 1, \"source\": []}"), "expected string at cells[0].cell_type"},
        {CELL("{\"cell_type\": \"heading\", \"source\": []}"),
         "expected code, markdown or raw at cells[0]"},
        {CELL("{\"cell_type\": \"code\"}"), "missing string or array at cells[0].source"},
        {CELL("{\"cell_type\": \"code\", \"source\": 5}"),
         "expected string or array of strings at cells[0].source"},
        {CELL("{\"cell_type\": \"code\", \"source\": [\n\"a\\n\",\n7]}"),
         "line 4: expected string at cells[0].source"},
        {CELL("{\"cell_type\": \"code\", \"source\": [\"\\u0000\"]}"),
         "null character at cells[0].source"},
        {CELL("{\"cell_type\": \"code\", \"source\": [], \"id\": 5}"),
         "expected string at cells[0].id"},
        {CELL("{\"cell_type\": \"code\", \"source\": [], \"metadata\": []}"),
         "expected object at cells[0].metadata"},
        {CELL("{\"cell_type\": \"code\", \"source\": [], \"metadata\": {\"tags\": \"x\"}}"),
         "expected array at cells[0].metadata.tags"},
        {CELL("{\"cell_type\": \"code\", \"source\": [], \"metadata\": {\"tags\": [1]}}"),
         "expected strings at cells[0].metadata.tags"},
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        char *path = file_make(rows[i].text, strlen(rows[i].text));
        struct bridge_notebook *nb = NULL;
        struct cd_error err = CD_ERROR_INIT;
        if (!bridge_notebook_load(path, &nb, &err)) {
            fail_msg("%zu was loaded", i);
        }
        assert_int_equal(err.id, CD_E_BAD_NOTEBOOK);
        if (!strstr(err.text, rows[i].says) || !strstr(err.text, path)) {
            fail_msg("%zu: '%s' does not say '%s'", i, err.text, rows[i].says);
        }
        file_remove(path);
    }
}

static void a_missing_file_is_not_found(void **state)
{
    struct bridge_notebook *nb = NULL;
    struct cd_error err = CD_ERROR_INIT;
    (void)state;
    assert_int_equal(bridge_notebook_load("/nowhere/nb.ipynb", &nb, &err), CD_ERR);
    assert_int_equal(err.id, CD_E_NOT_FOUND);
    cd_error_clear(&err);
    assert_int_equal(bridge_notebook_load("/", &nb, &err), CD_ERR);
    assert_int_equal(err.id, CD_E_BAD_NOTEBOOK);
}

static const char before[] =
    "{\n"
    "  \"cells\": [\n"
    "    {\n"
    "      \"cell_type\": \"code\",\n"
    "      \"execution_count\": 7,\n"
    "      \"metadata\": {\"z\": 1e400, \"a\": 0.10},\n"
    "      \"outputs\": [{\"old\": 1}],\n"
    "      \"source\": [\"1\"]\n"
    "    },\n"
    "    {\n"
    "      \"cell_type\": \"code\",\n"
    "      \"source\": [\"2\"]\n"
    "    },\n"
    "    {\"cell_type\": \"code\", \"outputs\": [{\"kept\": [ ]}], \"execution_count\": 1, "
    "\"source\": []}\n"
    "  ],\n"
    "  \"unknown\": [123456789012345678901234567890, \"\\u00e9\\/\"],\n"
    "  \"nbformat\": 4\n"
    "}\n\n";

static const char after[] =
    "{\n"
    "  \"cells\": [\n"
    "    {\n"
    "      \"cell_type\": \"code\",\n"
    "      \"execution_count\": 2,\n"
    "      \"metadata\": {\"z\": 1e400, \"a\": 0.10},\n"
    "      \"outputs\": [\n"
    "        {\n"
    "          \"name\": \"stdout\",\n"
    "          \"text\": [\n"
    "            \"\xe2\x98\x83\\n\"\n"
    "          ],\n"
    "          \"x\": {}\n"
    "        }\n"
    "      ],\n"
    "      \"source\": [\"1\"]\n"
    "    },\n"
    "    {\n"
    "      \"cell_type\": \"code\",\n"
    "      \"source\": [\"2\"],\n"
    "      \"execution_count\": null,\n"
    "      \"outputs\": []\n"
    "    },\n"
    "    {\"cell_type\": \"code\", \"outputs\": [{\"kept\": [ ]}], \"execution_count\": 1, "
    "\"source\": []}\n"
    "  ],\n"
    "  \"unknown\": [123456789012345678901234567890, \"\\u00e9\\/\"],\n"
    "  \"nbformat\": 4\n"
    "}\n\n";

static void set_outputs(struct bridge_notebook *nb)
{
    json_t *one = json_pack("[{s:s,s:[s],s:{}}]", "name", "stdout", "text", "\xe2\x98\x83\n", "x");
    assert_int_equal(bridge_notebook_set_outputs(nb, 0, one, 2, NULL), CD_OK);
    assert_int_equal(bridge_notebook_set_outputs(nb, 1, json_array(), 0, NULL), CD_OK);
}

static void a_save_replaces_outputs_and_counts_only(void **state)
{
    char *path = file_make(before, strlen(before));
    struct bridge_notebook *nb = NULL;
    struct cd_error err = CD_ERROR_INIT;
    struct stat st;
    (void)state;
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(bridge_notebook_load(path, &nb, &err), CD_OK);
    set_outputs(nb);
    if (bridge_notebook_save(nb, NULL, &err)) {
        fail_msg("%s", err.text);
    }
    char *text = file_text(path);
    assert_string_equal(text, after);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    free(text);
    bridge_notebook_free(nb);
    file_remove(path);
}

static void a_save_elsewhere_leaves_the_notebook_alone(void **state)
{
    char *path = file_make(before, strlen(before));
    char *other = file_make("", 0);
    struct bridge_notebook *nb = NULL;
    (void)state;
    assert_int_equal(bridge_notebook_load(path, &nb, NULL), CD_OK);
    set_outputs(nb);
    assert_int_equal(bridge_notebook_save(nb, other, NULL), CD_OK);
    char *text = file_text(path);
    char *saved = file_text(other);
    assert_string_equal(text, before);
    assert_string_equal(saved, after);
    free(text);
    free(saved);
    bridge_notebook_free(nb);
    file_remove(path);
    file_remove(other);
}

static void a_save_refuses_a_file_that_has_other_cells_now(void **state)
{
    char *path = file_make(before, strlen(before));
    struct bridge_notebook *nb = NULL;
    struct cd_error err = CD_ERROR_INIT;
    (void)state;
    assert_int_equal(bridge_notebook_load(path, &nb, NULL), CD_OK);
    set_outputs(nb);
    char *changed = strdup(before);
    *(strstr(changed, "[\"2\"]") + 2) = '3';
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    (void)fputs(changed, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(bridge_notebook_save(nb, NULL, &err), CD_ERR);
    assert_int_equal(err.id, CD_E_BAD_STATE);
    char *text = file_text(path);
    assert_string_equal(text, changed);
    free(text);
    free(changed);
    bridge_notebook_free(nb);
    file_remove(path);
}

static void only_code_cells_take_outputs(void **state)
{
    struct bridge_notebook *nb = notebook_of(CELL("{\"cell_type\": \"markdown\", \"source\": []}"));
    (void)state;
    assert_int_equal(bridge_notebook_set_outputs(nb, 0, json_array(), 0, NULL), CD_ERR);
    assert_int_equal(bridge_notebook_set_outputs(nb, 1, json_array(), 0, NULL), CD_ERR);
    assert_int_equal(bridge_notebook_set_outputs(nb, -1, NULL, 0, NULL), CD_ERR);
    bridge_notebook_free(nb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_read_as_nbformat_means_them),
        cmocka_unit_test(a_bad_file_is_named_with_what_is_wrong),
        cmocka_unit_test(a_missing_file_is_not_found),
        cmocka_unit_test(a_save_replaces_outputs_and_counts_only),
        cmocka_unit_test(a_save_elsewhere_leaves_the_notebook_alone),
        cmocka_unit_test(a_save_refuses_a_file_that_has_other_cells_now),
        cmocka_unit_test(only_code_cells_take_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
