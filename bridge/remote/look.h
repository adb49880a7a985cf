/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whether a server still has a kernel that said it ends: no server tells that on the websocket.
 */
#ifndef BRIDGE_REMOTE_LOOK_H
#define BRIDGE_REMOTE_LOOK_H

#include "bridge/remote/http.h"

struct remote_look;

/* fn is called once if the kernel goes within some seconds. */
struct remote_look *remote_look_new(struct remote_server *server, const char *kernel_id,
                                    void (*fn)(void *ctx), void *ctx);
/* Looks from now on; while it looks already: nothing. NULL: nothing. */
void remote_look(struct remote_look *l);
/* Frees from the loop; fn is not called any more. NULL: nothing. */
void remote_look_close(struct remote_look *l);

#endif
