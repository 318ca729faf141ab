/// Sockets. What fails gives the system's number of the error, negated.
#ifndef CTASKLETS_SOCKETS_H
#define CTASKLETS_SOCKETS_H

#include "descriptors.h"

#pragma clang assume_nonnull begin

enum {
    socket_family_unix = 1,
    socket_family_4 = 4,
    socket_family_6 = 6,
};

/// An address as bytes, the same for every family.
typedef struct socket_address {
    /// One of `socket_family_`; 0 is an address that has no name, as the other side of a Unix socket.
    int32_t family;
    uint32_t port;
    /// Of an address of version 6: which interface it belongs to; 0 is none.
    uint32_t scope;
    /// How many of the bytes are in use: 4, 16, or the length of the path.
    uint32_t length;
    uint8_t bytes[108];
} socket_address;

/// Does not block, and is closed in children.
int socket_open(int family, bool is_stream);
/// Two Unix sockets that are connected with one another.
int socket_pair(bool is_stream, int ends[_Nonnull 2]);
/// A copy of a stream socket that the program has been given, which does not block from now on. `-EINVAL` when it is of another kind.
int socket_of_others(int descriptor, bool is_unix, bool listens);
int socket_bind(int descriptor, const socket_address *address);
/// Removes the file of a Unix socket.
void socket_remove_file(const char *path);
int socket_listen(int descriptor, int backlog);
int socket_accept(int descriptor, socket_address *address);
/// `-EINPROGRESS` when it goes on: the socket is writable when it has ended, and `socket_error` says how.
int socket_connect(int descriptor, const socket_address *address);
/// The error that is left at a socket, negated; 0 is none. Takes it away.
int socket_error(int descriptor);
/// Its own address, or that of the other side.
int socket_name(int descriptor, bool is_other_side, socket_address *address);
/// No more reads, no more writes, or both.
int socket_shutdown(int descriptor, bool ends_reads, bool ends_writes);

/// Writes as much as there is room for; no SIGPIPE.
int64_t socket_send(int descriptor, const descriptor_piece *pieces, int count);

/// One datagram. A `NULL` address: to the one that it is connected with.
int64_t socket_send_to(int descriptor, const void *_Nullable bytes, size_t length, const socket_address *_Nullable address);
/// One datagram; its whole length, of which `capacity` bytes are in the buffer.
int64_t socket_receive_from(int descriptor, void *_Nullable buffer, size_t capacity, socket_address *address);

/// Bytes, at least one, and descriptors over a Unix socket. The receiver has descriptors of its own, closed in children; at most
/// `socket_most_descriptors`.
enum { socket_most_descriptors = 64 };
int64_t socket_send_descriptors(int descriptor, const void *bytes, size_t length, const int *descriptors, int count);
int64_t socket_receive_descriptors(
    int descriptor, void *buffer, size_t capacity, int *descriptors, int *count);

/// An option that is a number, or a switch that is 0 or 1.
enum {
    socket_option_no_delay,
    socket_option_keep_alive,
    socket_option_reuse_address,
    socket_option_reuse_port,
    socket_option_send_buffer,
    socket_option_receive_buffer,
    socket_option_broadcast,
    socket_option_only_6,
};
int socket_set_option(int descriptor, int option, int value);
int socket_option(int descriptor, int option);

/// What `close` does with what has not been sent: waits in the background, or (so many seconds, 0) resets the connection.
int socket_reset_at_close(int descriptor);

#pragma clang assume_nonnull end

#endif
