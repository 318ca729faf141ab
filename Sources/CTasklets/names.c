#define _GNU_SOURCE
#include "names.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/// Below all that `getaddrinfo` returns: EAI_SYSTEM hides what the system says.
enum { system_errors = -10000 };

static bool store(const struct addrinfo *found, socket_address *address) {
    memset(address, 0, sizeof *address);
    if (found->ai_family == AF_INET) {
        const struct sockaddr_in *internet = (const struct sockaddr_in *)found->ai_addr;
        address->family = socket_family_4;
        address->length = 4;
        memcpy(address->bytes, &internet->sin_addr, 4);
        return true;
    }
    if (found->ai_family == AF_INET6) {
        const struct sockaddr_in6 *internet = (const struct sockaddr_in6 *)found->ai_addr;
        address->family = socket_family_6;
        address->length = 16;
        address->scope = internet->sin6_scope_id;
        memcpy(address->bytes, &internet->sin6_addr, 16);
        return true;
    }
    return false;
}

int names_look_up(const char *name, socket_address *addresses) {
    // One kind of socket, or each address would come once for each kind.
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *first = NULL;
    int result = getaddrinfo(name, NULL, &hints, &first);
    if (result == EAI_SYSTEM) return system_errors - errno;
    if (result != 0) return result < 0 ? result : -result;
    int count = 0;
    for (const struct addrinfo *found = first; found != NULL && count < names_most_addresses; found = found->ai_next) {
        if (store(found, &addresses[count])) count++;
    }
    freeaddrinfo(first);
    return count > 0 ? count : EAI_NONAME;
}

const char *names_error_text(int result) {
    return result <= system_errors ? descriptor_error_text(system_errors - result) : gai_strerror(result);
}
