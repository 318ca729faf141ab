/// Names of machines. `names_` is the prefix of all.
#ifndef CTASKLETS_NAMES_H
#define CTASKLETS_NAMES_H

#include "sockets.h"

#pragma clang assume_nonnull begin

enum { names_most_addresses = 32 };

/// The addresses of a name, the best first, as the system sees it (`getaddrinfo`): how many there are, of which up to
/// `names_most_addresses` are stored. A negative result says what went wrong. May take long: it asks servers.
int names_look_up(const char *name, socket_address *addresses);

/// What a negative result means, in words.
const char *names_error_text(int result);

#pragma clang assume_nonnull end

#endif
