/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The request table: sorted, found, legal when it says so; capabilities follow from it.
 */
#include "dap/requests.h"
#include "unit/dap/unit.h"

static void table_is_sorted_and_every_row_is_found(void **state)
{
    (void)state;
    for (int cmd = 0; cmd < DAP_CMD_COUNT; cmd++) {
        const struct dap_command_row *row = dap_command_row((enum dap_command)cmd);

        assert_ptr_equal(dap_command_find(row->name), row);
        assert_int_equal(dap_command_id(row), cmd);
        assert_int_not_equal(row->states, 0);
        if (cmd > 0) {
            assert_true(strcmp(dap_command_row((enum dap_command)(cmd - 1))->name, row->name) < 0);
        }
    }
}

static void commands_that_are_in_no_row_are_not_found(void **state)
{
    (void)state;
    assert_null(dap_command_find(""));
    assert_null(dap_command_find("Next"));
    assert_null(dap_command_find("celldap_cell"));
    assert_null(dap_command_find("zzz"));
    assert_null(dap_command_find("runInTerminal")); /* a reverse request */
    assert_string_equal(dap_command_row(DAP_CMD_celldap_cell)->name, "celldap/cell");
    assert_string_equal(dap_command_row(DAP_CMD_continue)->name, "continue");
}

static const struct {
    const char *name;
    enum dap_state state;
    int id; /* CD_E_NONE: legal */
} cases[] = {
    {"initialize", DAP_S_NEW, CD_E_NONE},
    {"initialize", DAP_S_CONFIG, CD_E_BAD_STATE},
    {"initialize", DAP_S_STOPPED, CD_E_BAD_STATE},
    {"launch", DAP_S_NEW, CD_E_BAD_STATE},
    {"launch", DAP_S_CONFIG, CD_E_NONE},
    {"launch", DAP_S_RUNNING, CD_E_BAD_STATE},
    {"setBreakpoints", DAP_S_NEW, CD_E_BAD_STATE},
    {"setBreakpoints", DAP_S_CONFIG, CD_E_NONE},
    {"setBreakpoints", DAP_S_RUNNING, CD_E_NONE},
    {"stackTrace", DAP_S_RUNNING, CD_E_NOT_STOPPED},
    {"stackTrace", DAP_S_IDLE, CD_E_NOT_STOPPED},
    {"stackTrace", DAP_S_STOPPED, CD_E_NONE},
    {"stackTrace", DAP_S_ENDED, CD_E_BAD_STATE},
    {"stackTrace", DAP_S_NEW, CD_E_BAD_STATE},
    {"next", DAP_S_RUNNING, CD_E_NOT_STOPPED},
    {"variables", DAP_S_RUNNING, CD_E_NOT_STOPPED},
    {"variables", DAP_S_IDLE, CD_E_NONE},
    {"continue", DAP_S_RUNNING, CD_E_NONE},
    {"pause", DAP_S_IDLE, CD_E_NONE},
    {"evaluate", DAP_S_RUNNING, CD_E_NONE},
    {"threads", DAP_S_RUNNING, CD_E_NONE},
    {"threads", DAP_S_ENDED, CD_E_NONE},
    {"disconnect", DAP_S_NEW, CD_E_NONE},
    {"disconnect", DAP_S_ENDED, CD_E_NONE},
    {"debugInfo", DAP_S_NEW, CD_E_NONE},
    {"inspectVariables", DAP_S_NEW, CD_E_NONE},
};

static void state_checks_name_command_and_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(cases); i++) {
        const struct dap_command_row *row = dap_command_find(cases[i].name);
        struct cd_error err = CD_ERROR_INIT;
        cd_result r = dap_command_check_state(row, cases[i].state, &err);

        assert_int_equal(r, cases[i].id == CD_E_NONE ? CD_OK : CD_ERR);
        if (err.id != cases[i].id) {
            fail_msg("%s in state %d: %d %s", cases[i].name, (int)cases[i].state, err.id, err.text);
        }
        if (r < 0) {
            assert_non_null(strstr(err.text, cases[i].name));
        }
    }
}

static void capabilities_follow_from_the_roles(void **state)
{
    json_t *bridge = dap_capabilities_new();
    json_t *kernel = dap_kernel_capabilities_new();

    (void)state;
    assert_non_null(bridge);
    assert_non_null(kernel);
    for (int cmd = 0; cmd < DAP_CMD_COUNT; cmd++) {
        const struct dap_command_row *row = dap_command_row((enum dap_command)cmd);

        if (row->capability) {
            bool refused = row->bridge == DAP_B_REFUSE || row->bridge == DAP_B_NONE;

            assert_int_equal(json_is_true(json_object_get(bridge, row->capability)), !refused);
            assert_int_equal(json_is_true(json_object_get(kernel, row->capability)),
                             row->kernel != DAP_K_REFUSE);
        }
    }
    assert_true(json_is_true(json_object_get(bridge, "supportsRestartRequest")));
    assert_null(json_object_get(kernel, "supportsRestartRequest"));
    assert_null(json_object_get(bridge, "supportsStepBack"));
    json_decref(bridge);
    json_decref(kernel);
}

static void the_exception_filters_of_debugpy(void **state)
{
    json_t *caps = dap_capabilities_new();
    json_t *filters = json_object_get(caps, "exceptionBreakpointFilters");
    json_t *raised = json_array_get(filters, 0);
    json_t *uncaught = json_array_get(filters, 1);

    (void)state;
    assert_int_equal(json_array_size(filters), 3);
    assert_string_equal(json_string_value(json_object_get(raised, "filter")), "raised");
    assert_true(json_is_false(json_object_get(raised, "default")));
    assert_string_equal(json_string_value(json_object_get(uncaught, "filter")), "uncaught");
    assert_true(json_is_true(json_object_get(uncaught, "default")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(filters, 2), "filter")),
                        "userUnhandled");
    json_decref(caps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sorted_and_every_row_is_found),
        cmocka_unit_test(commands_that_are_in_no_row_are_not_found),
        cmocka_unit_test(state_checks_name_command_and_state),
        cmocka_unit_test(capabilities_follow_from_the_roles),
        cmocka_unit_test(the_exception_filters_of_debugpy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
