#define _GNU_SOURCE
#include "sockets.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

_Static_assert(sizeof((struct sockaddr_un){0}.sun_path) == sizeof((socket_address){0}.bytes), "a path fits");

static inline int64_t outcome(int64_t result) { return result < 0 ? -errno : result; }

// MARK: - Addresses

typedef union {
    struct sockaddr any;
    struct sockaddr_in version_4;
    struct sockaddr_in6 version_6;
    struct sockaddr_un local;
} system_address;

static socklen_t to_system(const socket_address *address, system_address *system) {
    memset(system, 0, sizeof *system);
    switch (address->family) {
    case socket_family_4:
        system->version_4.sin_family = AF_INET;
        system->version_4.sin_port = htons((uint16_t)address->port);
        memcpy(&system->version_4.sin_addr, address->bytes, 4);
        return sizeof system->version_4;
    case socket_family_6:
        system->version_6.sin6_family = AF_INET6;
        system->version_6.sin6_port = htons((uint16_t)address->port);
        system->version_6.sin6_scope_id = address->scope;
        memcpy(&system->version_6.sin6_addr, address->bytes, 16);
        return sizeof system->version_6;
    default:
        system->local.sun_family = AF_UNIX;
        memcpy(system->local.sun_path, address->bytes, address->length);
        // A name that begins with 0 is abstract, and as long as it says; a path ends by a 0.
        bool is_path = address->length > 0 && address->bytes[0] != 0 && address->length < sizeof address->bytes;
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + address->length + (is_path ? 1 : 0));
    }
}

static void from_system(const system_address *system, socklen_t length, socket_address *address) {
    memset(address, 0, sizeof *address);
    if (length < sizeof system->any.sa_family) return;
    switch (system->any.sa_family) {
    case AF_INET:
        address->family = socket_family_4;
        address->port = ntohs(system->version_4.sin_port);
        address->length = 4;
        memcpy(address->bytes, &system->version_4.sin_addr, 4);
        break;
    case AF_INET6:
        address->family = socket_family_6;
        address->port = ntohs(system->version_6.sin6_port);
        address->scope = system->version_6.sin6_scope_id;
        address->length = 16;
        memcpy(address->bytes, &system->version_6.sin6_addr, 16);
        break;
    case AF_UNIX: {
        size_t room = length - offsetof(struct sockaddr_un, sun_path);
        if (room > sizeof address->bytes) room = sizeof address->bytes;
        bool is_abstract = room > 0 && system->local.sun_path[0] == 0;
        address->length = (uint32_t)(is_abstract ? room : strnlen(system->local.sun_path, room));
        if (address->length == 0) break;
        address->family = socket_family_unix;
        memcpy(address->bytes, system->local.sun_path, address->length);
        break;
    }
    default: break;
    }
}

// MARK: - Making, binding, connecting

static int system_family(int family) {
    return family == socket_family_4 ? AF_INET : family == socket_family_6 ? AF_INET6 : AF_UNIX;
}

int socket_open(int family, bool is_stream) {
    int type = (is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    return outcome(socket(system_family(family), type, 0));
}

int socket_pair(bool is_stream, int ends[2]) {
    int type = (is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    return outcome(socketpair(AF_UNIX, type, 0, ends));
}

static int option_of(int descriptor, int name) {
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) < 0 ? -errno : value;
}

int socket_of_others(int descriptor, bool is_unix, bool listens) {
    int domain = option_of(descriptor, SO_DOMAIN);
    if (domain < 0) return domain == -ENOTSOCK ? -EINVAL : domain;
    bool is_kind = is_unix ? domain == AF_UNIX : domain == AF_INET || domain == AF_INET6;
    if (!is_kind || option_of(descriptor, SO_TYPE) != SOCK_STREAM) return -EINVAL;
    if (option_of(descriptor, SO_ACCEPTCONN) != listens) return -EINVAL;
    int copy = outcome(fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (copy >= 0) fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK);
    return copy;
}

int socket_bind(int descriptor, const socket_address *address) {
    system_address system;
    socklen_t length = to_system(address, &system);
    return outcome(bind(descriptor, &system.any, length));
}

void socket_remove_file(const char *path) { unlink(path); }

int socket_listen(int descriptor, int backlog) { return outcome(listen(descriptor, backlog)); }

int socket_accept(int descriptor, socket_address *address) {
    system_address system;
    socklen_t length = sizeof system;
    int accepted;
    do accepted = accept4(descriptor, &system.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (accepted < 0 && errno == EINTR);
    if (accepted < 0) return -errno;
    from_system(&system, length, address);
    return accepted;
}

int socket_connect(int descriptor, const socket_address *address) {
    system_address system;
    socklen_t length = to_system(address, &system);
    int result = connect(descriptor, &system.any, length);
    // An interrupted connect goes on.
    if (result < 0 && errno == EINTR) return -EINPROGRESS;
    return outcome(result);
}

int socket_error(int descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
    return -error;
}

int socket_name(int descriptor, bool is_other_side, socket_address *address) {
    system_address system;
    socklen_t length = sizeof system;
    int result = is_other_side ? getpeername(descriptor, &system.any, &length)
                               : getsockname(descriptor, &system.any, &length);
    if (result < 0) return -errno;
    from_system(&system, length, address);
    return 0;
}

int socket_shutdown(int descriptor, bool ends_reads, bool ends_writes) {
    return outcome(shutdown(descriptor, ends_reads && ends_writes ? SHUT_RDWR : ends_reads ? SHUT_RD : SHUT_WR));
}

// MARK: - Moving bytes

int64_t socket_send(int descriptor, const descriptor_piece *pieces, int count) {
    struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)count};
    ssize_t sent;
    do sent = count == 1 ? send(descriptor, pieces->start, pieces->length, MSG_NOSIGNAL)
                         : sendmsg(descriptor, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return outcome(sent);
}

int64_t socket_send_to(int descriptor, const void *bytes, size_t length, const socket_address *address) {
    system_address system;
    socklen_t size = address ? to_system(address, &system) : 0;
    ssize_t sent;
    do sent = sendto(descriptor, bytes, length, MSG_NOSIGNAL, address ? &system.any : NULL, size);
    while (sent < 0 && errno == EINTR);
    return outcome(sent);
}

int64_t socket_receive_from(int descriptor, void *buffer, size_t capacity, socket_address *address) {
    system_address system;
    socklen_t size = sizeof system;
    ssize_t length;
    do length = recvfrom(descriptor, buffer, capacity, MSG_TRUNC, &system.any, &size);
    while (length < 0 && errno == EINTR);
    if (length < 0) return -errno;
    from_system(&system, size, address);
    return length;
}

typedef union {
    struct cmsghdr alignment;
    char bytes[CMSG_SPACE(socket_most_descriptors * sizeof(int))];
} control_memory;

int64_t socket_send_descriptors(int descriptor, const void *bytes, size_t length, const int *descriptors, int count) {
    control_memory control = {0};
    struct iovec piece = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (count > socket_most_descriptors) return -EINVAL;
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, (size_t)count * sizeof(int));
    }
    ssize_t sent;
    do sent = sendmsg(descriptor, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return outcome(sent);
}

int64_t socket_receive_descriptors(int descriptor, void *buffer, size_t capacity, int *descriptors, int *count) {
    control_memory control = {0};
    struct iovec piece = {.iov_base = buffer, .iov_len = capacity};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *count = 0;
    ssize_t length;
    do length = recvmsg(descriptor, &message, MSG_CMSG_CLOEXEC);
    while (length < 0 && errno == EINTR);
    if (length < 0) return -errno;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t found = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < found; i++) {
            int received;
            memcpy(&received, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
            if (*count < socket_most_descriptors) {
                descriptors[(*count)++] = received;
            } else {
                close(received);
            }
        }
    }
    return length;
}

// MARK: - Options

static bool find_option(int option, int *level, int *name) {
    static const int options[][2] = {
        [socket_option_no_delay] = {IPPROTO_TCP, TCP_NODELAY},
        [socket_option_keep_alive] = {SOL_SOCKET, SO_KEEPALIVE},
        [socket_option_reuse_address] = {SOL_SOCKET, SO_REUSEADDR},
        [socket_option_reuse_port] = {SOL_SOCKET, SO_REUSEPORT},
        [socket_option_send_buffer] = {SOL_SOCKET, SO_SNDBUF},
        [socket_option_receive_buffer] = {SOL_SOCKET, SO_RCVBUF},
        [socket_option_broadcast] = {SOL_SOCKET, SO_BROADCAST},
        [socket_option_only_6] = {IPPROTO_IPV6, IPV6_V6ONLY},
    };
    if (option < 0 || option >= (int)(sizeof options / sizeof options[0])) return false;
    *level = options[option][0];
    *name = options[option][1];
    return true;
}

int socket_set_option(int descriptor, int option, int value) {
    int level, name;
    if (!find_option(option, &level, &name)) return -ENOPROTOOPT;
    return outcome(setsockopt(descriptor, level, name, &value, sizeof value));
}

int socket_option(int descriptor, int option) {
    int level, name, value = 0;
    socklen_t length = sizeof value;
    if (!find_option(option, &level, &name)) return -ENOPROTOOPT;
    if (getsockopt(descriptor, level, name, &value, &length) < 0) return -errno;
    return value;
}

int socket_reset_at_close(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    return outcome(setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
}
