/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Murmur2 against vectors of a live kernel (facts: jupyter.md §2), and the hash file's name.
 */
#include "dap/cell_path.h"
#include "unit/dap/unit.h"

static const struct {
    const char *code;
    uint32_t hash;
} vectors[] = {
    {"", 3990065800u},
    {"a", 2167009006u},
    {"ab", 2805137849u},
    {"abc", 3350977461u},
    {"abcd", 804720481u},
    {"print(1)", 3773950048u},
    {"\xC3\xA9 = 1\n", 257293778u},
};

static void murmur2_gives_the_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(vectors); i++) {
        const char *code = vectors[i].code;

        assert_int_equal(dap_murmur2(code, strlen(code), DAP_CELL_HASH_SEED), vectors[i].hash);
    }
}

static void cell_path_is_prefix_hash_suffix(void **state)
{
    struct cd_buf out;

    (void)state;
    cd_buf_init(&out, 1000);
    assert_int_equal(cd_buf_append(&out, "=", 1, NULL), CD_OK);
    assert_int_equal(dap_cell_path("/tmp/k_1/", "print(1)", 8, &out, NULL), CD_OK);
    assert_string_equal(out.data, "=/tmp/k_1/3773950048.py");
    cd_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(murmur2_gives_the_vectors),
        cmocka_unit_test(cell_path_is_prefix_hash_suffix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
