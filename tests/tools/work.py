# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# A Python program for the tools to trace: for each line it calls functions, collects garbage and talks TLS to itself
# (through ctypes, as the tools know SSL_read and SSL_write, and Python's module calls others).
import ctypes
import gc
import os
import sys

ROUNDS = 10
FILETYPE_PEM = 1

ssl, crypto = ctypes.CDLL("libssl.so.3"), ctypes.CDLL("libcrypto.so.3")
pointer = ctypes.c_void_p
for function in (ssl.TLS_method, ssl.SSL_CTX_new, ssl.SSL_new):
    function.restype = pointer


def step(depth):
    return 0 if depth == 0 else 1 + step(depth - 1)


def new_peer(context, bio):
    peer = pointer(ssl.SSL_new(context))
    ssl.SSL_set_bio(peer, bio, bio)
    return peer


def talk(context):
    bios = pointer(), pointer()
    crypto.BIO_new_bio_pair(ctypes.byref(bios[0]), ctypes.c_size_t(0), ctypes.byref(bios[1]), ctypes.c_size_t(0))
    client, server = new_peer(context, bios[0]), new_peer(context, bios[1])
    ssl.SSL_set_connect_state(client)
    ssl.SSL_set_accept_state(server)
    for peer in (client, server) * 2:
        ssl.SSL_do_handshake(peer)
    buffer = ctypes.create_string_buffer(100)
    ssl.SSL_write(client, b"question", 8)
    ssl.SSL_read(server, buffer, 100)
    ssl.SSL_write(server, b"answer", 6)
    ssl.SSL_read(client, buffer, 100)
    assert buffer.value == b"answeron", buffer.value
    for peer in (client, server):
        ssl.SSL_free(peer)


context = pointer(ssl.SSL_CTX_new(pointer(ssl.TLS_method())))
ssl.SSL_CTX_use_certificate_file(context, sys.argv[1].encode(), FILETYPE_PEM)
ssl.SSL_CTX_use_PrivateKey_file(context, sys.argv[1].encode(), FILETYPE_PEM)

print("pid", os.getpid(), flush=True)
for line in sys.stdin:
    for _ in range(ROUNDS):
        step(5)
        gc.collect()
        talk(context)
    print("done", flush=True)
