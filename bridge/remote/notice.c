/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See notice.h.
 */
#include "bridge/remote/notice.h"

#include <string.h>

static const char *text(const json_t *object, const char *member)
{
    const char *value = json_string_value(json_object_get(object, member));

    return value ? value : "";
}

enum remote_notice remote_notice_of(const struct wire_msg *m, const char *session)
{
    const char *type = wire_msg_type(m), *state = text(m->content, "execution_state");

    if (strcmp(type, "shutdown_reply") == 0) {
        return REMOTE_NOTICE_END;
    }
    if (strcmp(text(m->header, "session"), session) != 0) {
        return REMOTE_NOTICE_NONE;
    }
    if (strcmp(type, "stream") == 0 && strstr(text(m->content, "text"), "rate exceeded")) {
        return REMOTE_NOTICE_GAP;
    }
    if (strcmp(type, "status") == 0 && strcmp(state, "restarting") == 0) {
        return REMOTE_NOTICE_GAP;
    }
    return strcmp(type, "status") == 0 && strcmp(state, "dead") == 0 ? REMOTE_NOTICE_DEAD
                                                                     : REMOTE_NOTICE_OTHER;
}
