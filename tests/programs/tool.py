# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""What Python programs do with threads, processes and sockets: tool.py WAY. Prints what it saw."""

import asyncio
import concurrent.futures
import fcntl
import http.client
import http.server
import mmap
import multiprocessing
import os
import select
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading


def threads():
    done = []
    workers = [threading.Thread(target=lambda n=n: done.append(sum(range(n)))) for n in range(50)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(sorted(done)[-3:])


def pools():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        print(sum(pool.map(len, (str(n) for n in range(2000)))))
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        print(sum(pool.map(abs, range(200), chunksize=10)))


def started_by(method):
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        print(method, pool.map(abs, [-1, 2, -3]))


def processes():
    for method in "fork", "spawn", "forkserver":
        started_by(method)


def subprocesses():
    out = subprocess.run(["sh", "-c", "cat; echo err >&2; exit 5"], input=b"in", capture_output=True)
    print(out.returncode, out.stdout, out.stderr)
    print(subprocess.run("exit 6", shell=True, close_fds=False).returncode)
    try:
        subprocess.run(["/nonexistent"])
    except OSError as error:
        print(error)
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    child.terminate()
    print(child.wait())


async def echo(reader, writer):
    writer.write(await reader.readline())
    await writer.drain()
    writer.close()


async def talk():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def client(n):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"%d\n" % n)
        line = await reader.readline()
        writer.close()
        return int(line)

    print(sum(await asyncio.gather(*(client(n) for n in range(100)))))
    child = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
    print(await child.communicate(b"to a child"))


def asyncs():
    asyncio.run(talk())


def sockets():
    one, other = socket.socketpair()
    with tempfile.TemporaryFile() as file:
        file.write(b"in a file")
        file.flush()
        socket.send_fds(one, [b"fd"], [file.fileno()])
        data, fds, _, _ = socket.recv_fds(other, 8, 1)
    print(data, os.pread(fds[0], 100, 0))
    poll = select.epoll()
    poll.register(other, select.EPOLLIN)
    one.sendmsg([b"a", b"b"])
    print(poll.poll()[0][1], other.recv(10))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    udp.sendto(b"datagram", udp.getsockname())
    print(udp.recv(100))


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    pass


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.path.encode() * 1000)

    def log_message(self, *_):
        pass


def server():
    """A server of threads under load."""
    httpd = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()

    def get(n):
        connection = http.client.HTTPConnection("127.0.0.1", httpd.server_port)
        connection.request("GET", "/%d" % n)
        size = len(connection.getresponse().read())
        connection.close()
        return size

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        print(sum(pool.map(get, range(400))))
    httpd.shutdown()


def forking_server():
    class Forking(socketserver.ForkingMixIn, socketserver.TCPServer):
        pass

    class Echo(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(self.rfile.readline())

    with Forking(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        total = 0
        for n in range(100):
            with socket.create_connection(server.server_address) as client:
                client.sendall(b"%d\n" % n)
                total += int(client.makefile().readline())
        print(total)
        server.shutdown()


def low_level():
    fd = os.open("file", os.O_RDWR | os.O_CREAT)
    os.write(fd, b"x" * 4096)
    print(os.writev(fd, [b"a", b"bc"]), fcntl.fcntl(fd, fcntl.F_GETFD), os.dup(fd) > fd)
    with mmap.mmap(fd, 4096) as memory:
        print(memory[:3])
    print(os.dup2(fd, 50), os.fstat(50).st_size)
    os.closerange(3, 100)
    pid = os.fork()
    if not pid:
        os._exit(8)
    print(os.waitpid(pid, 0)[1], os.waitstatus_to_exitcode(os.system("exit 4")))
    print(os.popen("echo from popen").read())
    reader, writer = os.pipe()
    print(os.sendfile(writer, os.open("file", os.O_RDONLY), 0, 3), os.read(reader, 3))
    signal.signal(signal.SIGALRM, lambda *_: print("alarm"))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.pause()


def terminal():
    import pty

    pid, fd = pty.fork()
    if not pid:
        os.execvp("sh", ["sh", "-c", "test -t 0 && echo a terminal"])
    print(os.read(fd, 100))
    os.waitpid(pid, 0)


def few_fds():
    fds = []
    try:
        while True:
            fds.append(os.dup(0))
    except OSError as error:
        print(len(fds), error)


def ciphers():
    print(len(ssl.create_default_context().get_ciphers()) > 3, ssl.RAND_status())


if __name__ == "__main__":
    globals()[sys.argv[1]]()
