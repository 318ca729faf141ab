// Tells a stack overflow from other crashes, and says whose it was before the usual crash report.

#define _GNU_SOURCE
#include "CStackSwitch.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// The handler cannot run on the stack that is used up. Large enough for the crash report of Swift's runtime.
#define SIGNAL_STACK_SIZE (64 * 1024)

static bool (*describe_overflow)(void *address);
static struct sigaction former_action;
static _Thread_local void *signal_stack;

static void on_fault(int signal, siginfo_t *information, void *context) {
    (void)context;
    describe_overflow(information->si_addr);
    // The instruction faults again, now for whoever was there before us.
    sigaction(signal, &former_action, NULL);
}

static void install_handler(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigaction(SIGSEGV, &action, &former_action);
}

void stack_overflow_watch(bool (*describe)(void *address)) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    __atomic_store_n(&describe_overflow, describe, __ATOMIC_RELEASE);
    pthread_once(&once, install_handler);

    stack_t present;
    if (sigaltstack(NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return;
    void *memory = mmap(NULL, SIGNAL_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    stack_t ours = {.ss_sp = memory, .ss_size = SIGNAL_STACK_SIZE};
    if (sigaltstack(&ours, NULL) == 0) signal_stack = memory;
}

void stack_overflow_unwatch(void) {
    if (signal_stack == NULL) return;
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(signal_stack, SIGNAL_STACK_SIZE);
    signal_stack = NULL;
}

stack_bounds stack_thread_bounds(void) {
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return (stack_bounds){0};
    pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    return (stack_bounds){lowest, (char *)lowest + size};
}

void stack_write_error(const uint8_t *text, size_t length) {
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, text, length);
        if (written <= 0) return;
        text += written;
        length -= (size_t)written;
    }
}
