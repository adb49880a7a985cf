/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The doctor's last look: starts a kernel as a session does, waits for its first answer, and kills
 * it. One loop of its own; ends with every handle closed.
 */
#include "bridge/cli/doctor.h"
#include "bridge/kernel_client.h"
#include "bridge/kernel_process.h"
#include "bridge/private_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS 60000

struct trial {
    struct doctor *doctor;
    uv_loop_t loop;
    uv_timer_t timer;
    struct bridge_process *process;
    struct bridge_client *client;
    const char *python;
    uint64_t begin;
    bool judged, exited;
};

static void judge(struct trial *t, enum doctor_status status, const char *todo, const char *text)
{
    if (t->judged) {
        return;
    }
    t->judged = true;
    doctor_add(t->doctor, status, "start", todo, "%s", text);
    if (t->process && !t->exited) {
        bridge_process_kill(t->process);
    }
}

static void on_answer(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct trial *t = ctx;
    char text[500];

    if (!reply) {
        judge(t, DOCTOR_FAIL, "run the kernel by hand, its --log may say more", err->text);
        return;
    }
    (void)snprintf(text, sizeof text, "a kernel answers %llu ms after its start",
                   (unsigned long long)(uv_hrtime() - t->begin) / 1000000);
    judge(t, DOCTOR_OK, NULL, text);
}

static void on_iopub(void *ctx, const struct wire_msg *m)
{
    (void)ctx;
    (void)m;
}

static void on_input(void *ctx, const char *prompt, bool password)
{
    (void)ctx;
    (void)prompt;
    (void)password;
}

static void on_debug(void *ctx, json_t *event)
{
    (void)ctx;
    (void)event;
}

static void on_ports(void *ctx, const struct wire_connection *connection)
{
    struct trial *t = ctx;
    struct cd_error err = CD_ERROR_INIT;
    const struct bridge_client_events events = {
        .ctx = t, .iopub = on_iopub, .input = on_input, .debug_event = on_debug};

    if (bridge_client_new(&t->loop, connection, &events, &t->client, &err)) {
        judge(t, DOCTOR_FAIL, NULL, err.text);
        return;
    }
    bridge_client_start(t->client, START_MS, on_answer, t);
}

static void on_words(void *ctx, bool is_stderr, const char *bytes, size_t len)
{
    (void)ctx;
    (void)is_stderr;
    (void)bytes;
    (void)len;
}

static void on_exited(void *ctx, int64_t status, int signal)
{
    struct trial *t = ctx;
    char text[1000];

    t->exited = true;
    (void)snprintf(text, sizeof text, "the kernel ended (%s %d): %.800s",
                   signal ? "signal" : "exit status", signal ? signal : (int)status,
                   bridge_process_last_words(t->process));
    judge(t, DOCTOR_FAIL, "what it said last is the reason", text);
    if (t->client) {
        bridge_client_close(t->client);
    }
    bridge_process_close(t->process);
    uv_close((uv_handle_t *)&t->timer, NULL);
}

static void on_late(uv_timer_t *timer)
{
    judge(timer->data, DOCTOR_FAIL, "is the machine overloaded?", "the kernel does not answer");
}

static void run(struct trial *t, const char *folder)
{
    const struct bridge_process_events events = {
        .ctx = t, .ports = on_ports, .words = on_words, .exited = on_exited};
    struct cd_error err = CD_ERROR_INIT;
    json_auto_t *env = json_pack("{s:s}", "CELLDAP_HISTORY", ":memory:");
    const struct bridge_process_config config = {.folder = folder, .python = t->python, .env = env};

    t->begin = uv_hrtime();
    (void)uv_timer_init(&t->loop, &t->timer);
    t->timer.data = t;
    (void)uv_timer_start(&t->timer, on_late, START_MS, 0);
    if (bridge_process_start(&t->loop, &config, &events, &t->process, &err)) {
        judge(t, DOCTOR_FAIL, NULL, err.text);
        uv_close((uv_handle_t *)&t->timer, NULL);
    }
    (void)uv_run(&t->loop, UV_RUN_DEFAULT);
}

void doctor_check_start(struct doctor *d, const char *python)
{
    struct trial t = {.doctor = d, .python = python};
    struct cd_error err = CD_ERROR_INIT;
    cd_autofree char *folder = NULL;

    if (bridge_private_folder_make(&folder, &err)) {
        doctor_add(d, DOCTOR_FAIL, "start", "a folder for a session's files is needed", "%s",
                   err.text);
        return;
    }
    if (uv_loop_init(&t.loop)) {
        doctor_add(d, DOCTOR_FAIL, "start", NULL, "no event loop can be made");
    } else {
        run(&t, folder);
        (void)uv_loop_close(&t.loop);
    }
    bridge_private_folder_remove(folder);
}
