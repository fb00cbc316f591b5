/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef UPSHIFT_STATIC_TLS_H
#define UPSHIFT_STATIC_TLS_H

/* A preloaded library is there from the start, so its thread-local data may be in the static block: reading
 * it neither allocates nor calls anything. */
#define STATIC_TLS __thread __attribute__((tls_model("initial-exec")))

#endif
