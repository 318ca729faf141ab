#include "CTestFunctions.h"

#include <cstring>
#include <exception>
#include <string>

void rethrow_after(const char *text, void (*meanwhile)(void *), void *argument, char *found, size_t size) {
    try {
        try {
            throw std::string(text);
        } catch (const std::string &) {
            meanwhile(argument);
            throw;
        }
    } catch (const std::string &rethrown) {
        strncpy(found, rethrown.c_str(), size - 1);
        found[size - 1] = 0;
    }
}

namespace {
struct Cleanup {
    void (*meanwhile)(void *);
    void *argument;
    int *found;
    ~Cleanup() {
        meanwhile(argument);
        *found = std::uncaught_exceptions();
    }
};
}  // namespace

int uncaught_exceptions_in_cleanup(void (*meanwhile)(void *), void *argument) {
    int found = -1;
    try {
        Cleanup cleanup{meanwhile, argument, &found};
        throw 1;
    } catch (int) {
    }
    return found;
}

int uncaught_exceptions(void) { return std::uncaught_exceptions(); }

bool is_handling_exception(void) { return std::current_exception() != nullptr; }
