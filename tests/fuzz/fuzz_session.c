/* SPDX-License-Identifier: BSD-3-Clause
 *
 * libFuzzer: a debug session over the fake engine. Each line of the input is one step: JSON is a
 * request (of one of three clients by turns), other lines are things that happen: jobs run or come
 * back unrun, a stop, its end, time. The fake aborts when a request has not exactly one reply.
 */
#include "support/debug/fake_engine.h"

#include <string.h>

#define MAX_STEPS 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void happen(struct fake *f, char what)
{
    switch (what) {
    case 's':
        fake_stop(f, 1, 1, 2);
        break;
    case 't':
        fake_stop(f, 2, 0, 0);
        break;
    case 'c':
        fake_note(f, ENGINE_CONTINUED, 1, 0, NULL);
        break;
    case 'b':
        fake_note(f, ENGINE_BREAKPOINT, 0, 0, json_pack("{s:{s:i}}", "breakpoint", "id", 1));
        break;
    case 'r':
        fake_run(f, FAKE_STOPPED);
        break;
    case 'a':
        fake_run(f, FAKE_ARM);
        break;
    case 'p':
        fake_run(f, FAKE_ASSIST);
        break;
    case 'n':
        fake_refuse(f, FAKE_STOPPED);
        break;
    case 'w':
        fake_advance(f, 300);
        break;
    case 'W':
        fake_advance(f, 11000);
        break;
    case 'f':
        f->resume_result = !f->resume_result;
        break;
    case 'e':
        f->fail_ops = 1;
        break;
    default:
        break;
    }
}

static void step(struct fake *f, const int clients[3], size_t i, const char *line, size_t len)
{
    struct cd_error err = CD_ERROR_INIT;
    json_t *request = NULL;
    if (len == 1) {
        happen(f, *line);
    } else if (cd_json_load(line, len, &request, &err) == CD_OK) {
        fake_request(f, clients[i % 3], request);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake *f = fake_new_at("/nonexistent/celldap/");
    const int clients[3] = {DBG_CLIENT_CONTROL, DBG_CLIENT_CONTROL,
                            dbg_session_client(f->session, "u-1", 3)};
    const char *p = (const char *)data;
    const char *end = p + size;
    if (size > 0 && (data[0] & 1)) { // most requests need it
        fake_attach(f, clients[0]);
        fake_attach(f, clients[2]);
    }
    for (size_t i = 0; p < end && i < MAX_STEPS; i++) {
        const char *line_end = memchr(p, '\n', (size_t)(end - p));
        line_end = line_end ? line_end : end;
        step(f, clients, i, p, (size_t)(line_end - p));
        p = line_end + 1;
    }
    fake_free(f);
    return 0;
}
