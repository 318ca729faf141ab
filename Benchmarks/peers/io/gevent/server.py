"""Echo by gevent, a greenlet for each connection. Prints the port; ends when its standard input does."""

import os
import resource
import socket
import sys

import gevent
from gevent.os import tp_read
from gevent.server import StreamServer


def handle(connection, _):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while data := connection.recv(1024):
            connection.sendall(data)
    except ConnectionError:
        pass


limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
server = StreamServer(("127.0.0.1", 0), handle, backlog=4096)
server.start()
print(server.server_port, flush=True)
gevent.get_hub().join  # the hub exists before the pool's thread
tp_read(sys.stdin.fileno(), 1)
os._exit(0)
