// What the bridge to async functions needs of the system.

#define _GNU_SOURCE
#include "async.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// MARK: - The main queue

// Looked up, so that nothing is linked for it: a program that has async functions has loaded the library. These two are what
// Foundation's run loop uses.
static int (*get_handle)(void);
static void (*drain)(void *);

static void find_main_queue(void) {
    *(void **)&get_handle = dlsym(RTLD_DEFAULT, "_dispatch_get_main_queue_handle_4CF");
    *(void **)&drain = dlsym(RTLD_DEFAULT, "_dispatch_main_queue_callback_4CF");
}

int main_queue_descriptor(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (getpid() != (pid_t)syscall(SYS_gettid)) return -EPERM;
    pthread_once(&once, find_main_queue);
    if (get_handle == NULL || drain == NULL) return -ENOSYS;
    return get_handle();
}

bool main_queue_take(int descriptor) {
    // It does not block. What comes after this read makes the descriptor readable again.
    uint64_t count;
    return read(descriptor, &count, sizeof count) == sizeof count;
}

void main_queue_drain(void) { drain(NULL); }
