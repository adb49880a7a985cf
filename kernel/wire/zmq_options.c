/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Options of a zeromq socket that follow from the connection: IPv6, CURVE. The socket's own thread.
 * Must never leave a socket of an encrypted connection open to plain peers.
 */
#include "kernel/wire/zmq_options.h"

#include <string.h>

#include <zmq.h>

static int set_int(void *zmq, int option, int value)
{
    return zmq_setsockopt(zmq, option, &value, sizeof value);
}

/* Keys as text: zeromq wants their zero byte counted. */
static int set_key(void *zmq, int option, const char *key)
{
    return zmq_setsockopt(zmq, option, key, strlen(key) + 1);
}

/* The file holds one pair: the kernel's, and every client's own one as well. */
static cd_result set_curve(void *zmq, const struct wire_connection *c, enum wire_side side,
                           struct cd_error *reterr)
{
    if (!zmq_has("curve")) {
        return cd_error_set(reterr, CD_E_UNSUPPORTED,
                            "curve_publickey is set, but this libzmq cannot encrypt "
                            "(it was built without CURVE)");
    }
    int failed = side == WIRE_SERVER ? set_int(zmq, ZMQ_CURVE_SERVER, 1)
                                     : set_key(zmq, ZMQ_CURVE_SERVERKEY, c->curve_public);
    failed |= set_key(zmq, ZMQ_CURVE_PUBLICKEY, c->curve_public);
    failed |= set_key(zmq, ZMQ_CURVE_SECRETKEY, c->curve_secret);
    return failed ? cd_error_set(reterr, CD_E_BAD_VALUE,
                                 "curve_publickey and curve_secretkey are no CURVE keys: %s",
                                 zmq_strerror(zmq_errno()))
                  : CD_OK;
}

cd_result wire_zmq_options(void *zmq, const struct wire_connection *c, enum wire_side side,
                           struct cd_error *reterr)
{
    if (c->transport == WIRE_TCP && strchr(c->ip, ':')) {
        (void)set_int(zmq, ZMQ_IPV6, 1);
    }
    return c->curve_public[0] ? set_curve(zmq, c, side, reterr) : CD_OK;
}
