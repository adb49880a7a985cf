/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Why a server's certificate is not trusted (http.h): libwebsockets tells that TLS failed, OpenSSL
 * knows why.
 */
#include "bridge/remote/http.h"

#include <openssl/ssl.h>

const char *remote_tls_reason(struct lws *wsi)
{
    const SSL *ssl = lws_get_ssl(wsi);
    const long result = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;

    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}
