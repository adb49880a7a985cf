/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See reverse.h. Bridge loop only.
 */
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bridge_pending {
    struct bridge_pending *next;
    int64_t seq; /* 0: not sent yet */
    char command[32];
    bridge_reverse_fn fn; /* NULL: answered */
    void *data;
};

void bridge_reverse(struct bridge_session *s, const char *command, json_t *arguments_owned,
                    bridge_reverse_fn fn, void *data)
{
    struct bridge_pending *p = calloc(1, sizeof *p);
    struct cd_error err = CD_ERROR_INIT;

    if (!p || s->over) {
        (void)cd_error_set(&err, CD_E_CLIENT, "'%s' could not be asked for", command);
        json_decref(arguments_owned);
        free(p);
        fn(s, data, NULL, &err);
        return;
    }
    *p = (struct bridge_pending){.next = s->asked, .fn = fn, .data = data};
    (void)snprintf(p->command, sizeof p->command, "%s", command);
    s->asked = p;
    bridge_send_counted(s,
                        json_pack("{s:s, s:s, s:o}", "type", "request", "command", command,
                                  "arguments", arguments_owned),
                        &p->seq);
}

/* fn is called; the record stays where it is. */
static void end(struct bridge_session *s, struct bridge_pending *p, const json_t *message)
{
    const char *why = json_string_value(json_object_get(message, "message"));
    bridge_reverse_fn fn = p->fn;
    struct cd_error err = CD_ERROR_INIT;

    p->fn = NULL;
    if (json_is_true(json_object_get(message, "success"))) {
        fn(s, p->data, json_object_get(message, "body"), NULL);
    } else {
        (void)cd_error_set(&err, CD_E_CLIENT, "the editor refused '%s': %s", p->command,
                           message ? why ? why : "it gave no reason" : "the session ended");
        fn(s, p->data, NULL, &err);
    }
}

void bridge_reverse_answer(struct bridge_session *s, json_t *message_owned)
{
    const json_int_t seq = json_integer_value(json_object_get(message_owned, "request_seq"));

    for (struct bridge_pending **at = &s->asked; *at; at = &(*at)->next) {
        struct bridge_pending *p = *at;

        if (seq > 0 && p->seq == seq && p->fn) {
            *at = p->next;
            end(s, p, message_owned);
            free(p);
            json_decref(message_owned);
            return;
        }
    }
    cd_log(CD_LOG_WARN, "dap", "a response that nothing waits for: request_seq %lld",
           (long long)seq);
    json_decref(message_owned);
}

void bridge_reverse_forget(struct bridge_session *s)
{
    for (struct bridge_pending *p = s->asked; p; p = p->next) {
        if (p->fn) {
            end(s, p, NULL);
        }
    }
}

void bridge_reverse_free(struct bridge_session *s)
{
    while (s->asked) {
        struct bridge_pending *p = s->asked;

        s->asked = p->next;
        free(p);
    }
}
