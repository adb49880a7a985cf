/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Connection files: fields read, errors that name the field, writing back, addresses.
 */
#include "dap/base/json.h"
#include "dap/base/limits.h"
#include "kernel/wire/connection.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The pair of zeromq's manual. */
#define PUBLIC "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define SECRET "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"

struct fixture {
    char dir[64];
    char path[96];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/celldap-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof f->path, "%s/kernel.json", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    (void)unlink(f->path);
    assert_int_equal(rmdir(f->dir), 0); /* nothing temporary is left behind */
    free(f);
    return 0;
}

static void write_file(const struct fixture *f, const char *text, size_t len)
{
    FILE *file = fopen(f->path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static const char good[] =
    "{\"shell_port\": 1, \"iopub_port\": 2, \"stdin_port\": 3, \"control_port\": 4, \"hb_port\": 5,"
    " \"ip\": \"127.0.0.1\", \"key\": \"k\", \"transport\": \"tcp\","
    " \"signature_scheme\": \"hmac-sha256\", \"kernel_name\": \"x\", \"jupyter_session\": \"nb\"}";

static void read_takes_every_field(void **state)
{
    struct fixture *f = *state;
    struct wire_connection c;
    write_file(f, good, strlen(good));
    assert_int_equal(wire_connection_read(f->path, &c, NULL), CD_OK);
    assert_int_equal(c.transport, WIRE_TCP);
    assert_string_equal(c.ip, "127.0.0.1");
    assert_string_equal(c.key, "k");
    assert_string_equal(c.kernel_name, "x");
    for (int i = 0; i < WIRE_DEBUG; i++) {
        assert_int_equal(c.port[i], i + 1);
    }
    assert_int_equal(c.port[WIRE_DEBUG], 0);
}

static void read_names_the_field_that_is_wrong(void **state)
{
    static const struct {
        const char *text;
        int id;
        const char *says;
    } rows[] = {
        {"{\"shell_port\": \"1\"}", CD_E_BAD_TYPE, "shell_port"},
        {"{\"hb_port\": 65536}", CD_E_BAD_TYPE, "hb_port"},
        {"{\"iopub_port\": -1}", CD_E_BAD_TYPE, "iopub_port"},
        {"{\"debug_port\": 1.5}", CD_E_BAD_TYPE, "debug_port"},
        {"{\"transport\": \"udp\"}", CD_E_BAD_VALUE, "transport is 'udp'"},
        {"{\"transport\": 1}", CD_E_BAD_TYPE, "transport"},
        {"{\"ip\": \"\"}", CD_E_BAD_VALUE, "ip is empty"},
        {"{\"ip\": []}", CD_E_BAD_TYPE, "ip"},
        {"{\"key\": 7}", CD_E_BAD_TYPE, "key"},
        {"{\"key\": \"a\\u0000b\"}", CD_E_BAD_VALUE, "key"},
        {"{\"key\": \"k\", \"signature_scheme\": \"hmac-md5\"}", CD_E_UNSUPPORTED,
         "signature_scheme is 'hmac-md5'"},
        {"{\"curve_publickey\": 1}", CD_E_BAD_TYPE, "curve_publickey"},
        {"{\"curve_publickey\": \"x\"}", CD_E_BAD_VALUE, "curve_publickey"},
        {"{\"curve_publickey\": \"" PUBLIC "x\"}", CD_E_BAD_VALUE, "curve_publickey has 41"},
        {"{\"curve_publickey\": \"" PUBLIC "\"}", CD_E_BAD_VALUE, "curve_secretkey"},
        {"{\"curve_secretkey\": \"" SECRET "\"}", CD_E_BAD_VALUE, "curve_publickey"},
        {"{\"curve_publickey\": \"" PUBLIC "\","
         "\"curve_secretkey\": \"~TKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6\"}",
         CD_E_BAD_VALUE, "curve_secretkey is not the 40 Z85 characters"},
        {"[]", CD_E_BAD_TYPE, "expected a JSON object"},
        {"{", CD_E_BAD_JSON, "kernel.json"},
        {"", CD_E_BAD_JSON, "kernel.json"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct wire_connection c;
        write_file(f, rows[i].text, strlen(rows[i].text));
        assert_int_equal(wire_connection_read(f->path, &c, &err), CD_ERR);
        if (err.id != rows[i].id || !strstr(err.text, rows[i].says) || !strstr(err.text, f->path)) {
            fail_msg("row %zu: id %d, '%s'", i, err.id, err.text);
        }
    }
}

static void read_caps_names_and_the_file(void **state)
{
    struct fixture *f = *state;
    struct wire_connection c;
    char *text = malloc(CD_MAX_CONNECTION_FILE_BYTES + 1);
    struct cd_error err = CD_ERROR_INIT;
    int n = snprintf(text, 1024, "{\"key\": \"%0255d\"}", 1);
    write_file(f, text, (size_t)n);
    assert_int_equal(wire_connection_read(f->path, &c, NULL), CD_OK);
    n = snprintf(text, 1024, "{\"key\": \"%0256d\"}", 1);
    write_file(f, text, (size_t)n);
    assert_int_equal(wire_connection_read(f->path, &c, &err), CD_ERR);
    assert_non_null(strstr(err.text, "key has 256 bytes"));
    memset(text, ' ', CD_MAX_CONNECTION_FILE_BYTES + 1);
    memcpy(text, "{}", 2);
    write_file(f, text, CD_MAX_CONNECTION_FILE_BYTES);
    assert_int_equal(wire_connection_read(f->path, &c, NULL), CD_OK);
    write_file(f, text, CD_MAX_CONNECTION_FILE_BYTES + 1);
    cd_error_clear(&err);
    assert_int_equal(wire_connection_read(f->path, &c, &err), CD_ERR);
    assert_int_equal(err.id, CD_E_LIMIT);
    free(text);
}

static void a_missing_file_is_named(void **state)
{
    struct fixture *f = *state;
    struct cd_error err = CD_ERROR_INIT;
    struct wire_connection c;
    assert_int_equal(wire_connection_read(f->path, &c, &err), CD_ERR);
    assert_non_null(strstr(err.text, f->path));
    assert_non_null(strstr(err.text, "No such file"));
}

static void write_keeps_unknown_members_and_makes_it_private(void **state)
{
    struct fixture *f = *state;
    struct wire_connection c, back;
    write_file(f, good, strlen(good));
    assert_int_equal(wire_connection_read(f->path, &c, NULL), CD_OK);
    c.port[WIRE_DEBUG] = 6;
    assert_int_equal(wire_connection_write(f->path, &c, NULL), CD_OK);
    assert_int_equal(wire_connection_read(f->path, &back, NULL), CD_OK);
    assert_memory_equal(back.port, c.port, sizeof c.port);
    assert_string_equal(back.key, c.key);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    json_t *file = json_load_file(f->path, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(file, "jupyter_session")), "nb");
    json_decref(file);
}

static void curve_keys_are_read_and_written(void **state)
{
    struct fixture *f = *state;
    struct wire_connection c, back;
    static const char file[] =
        "{\"curve_publickey\": \"" PUBLIC "\", \"curve_secretkey\": \"" SECRET "\"}";
    write_file(f, file, strlen(file));
    assert_int_equal(wire_connection_read(f->path, &c, NULL), CD_OK);
    assert_string_equal(c.curve_public, PUBLIC);
    assert_string_equal(c.curve_secret, SECRET);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(wire_connection_write(f->path, &c, NULL), CD_OK);
    assert_int_equal(wire_connection_read(f->path, &back, NULL), CD_OK);
    assert_string_equal(back.curve_public, PUBLIC);
    assert_string_equal(back.curve_secret, SECRET);
    static const char none[] = "{\"curve_publickey\": null, \"curve_secretkey\": null}";
    write_file(f, none, strlen(none));
    assert_int_equal(wire_connection_read(f->path, &c, NULL), CD_OK);
    assert_string_equal(c.curve_public, "");
}

static void write_makes_a_new_file(void **state)
{
    struct fixture *f = *state;
    struct wire_connection c = {.transport = WIRE_IPC, .ip = "/tmp/x", .port = {1, 2, 3, 4, 5, 6}};
    struct wire_connection back;
    assert_int_equal(wire_connection_write(f->path, &c, NULL), CD_OK);
    assert_int_equal(wire_connection_read(f->path, &back, NULL), CD_OK);
    assert_int_equal(back.transport, WIRE_IPC);
    assert_string_equal(back.ip, "/tmp/x");
}

static void endpoints_are_zeromqs(void **state)
{
    (void)state;
    char out[300];
    struct wire_connection c = {.ip = "127.0.0.1", .port = {[WIRE_HB] = 5555}};
    assert_int_equal(wire_connection_endpoint(&c, WIRE_HB, out, sizeof out, NULL), CD_OK);
    assert_string_equal(out, "tcp://127.0.0.1:5555");
    assert_int_equal(wire_connection_endpoint(&c, WIRE_SHELL, out, sizeof out, NULL), CD_OK);
    assert_string_equal(out, "tcp://127.0.0.1:*");
    (void)snprintf(c.ip, sizeof c.ip, "::1");
    assert_int_equal(wire_connection_endpoint(&c, WIRE_HB, out, sizeof out, NULL), CD_OK);
    assert_string_equal(out, "tcp://[::1]:5555");
    c.transport = WIRE_IPC;
    (void)snprintf(c.ip, sizeof c.ip, "/run/k");
    assert_int_equal(wire_connection_endpoint(&c, WIRE_HB, out, sizeof out, NULL), CD_OK);
    assert_string_equal(out, "ipc:///run/k-5555");
    assert_int_equal(wire_connection_endpoint(&c, WIRE_HB, out, 5, NULL), CD_ERR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(read_takes_every_field),
        TEST(read_names_the_field_that_is_wrong),
        TEST(read_caps_names_and_the_file),
        TEST(a_missing_file_is_named),
        TEST(write_keeps_unknown_members_and_makes_it_private),
        TEST(curve_keys_are_read_and_written),
        TEST(write_makes_a_new_file),
        TEST(endpoints_are_zeromqs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
