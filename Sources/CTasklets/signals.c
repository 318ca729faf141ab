// Not by signalfd: that hears only what every thread of the process has blocked, and libraries start threads of their own.

#define _GNU_SOURCE
#include "signals.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

enum { most_listeners = 64, most_signals = 64 };

/// One that is free listens to no signal.
static struct {
    _Atomic uint64_t signals;
    _Atomic int descriptor;
    bool is_used;
} listeners[most_listeners];

/// How many handlers are at work just now, on all threads.
static _Atomic int handlers;

/// Of all that follows, and of `is_used`. Never taken by the handler.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int users[most_signals + 1];
static struct sigaction former[most_signals + 1];

static uint64_t bit(int number) { return (uint64_t)1 << (number - 1); }

static void on_signal(int number) {
    int error = errno;
    atomic_fetch_add(&handlers, 1);
    uint8_t byte = (uint8_t)number;
    for (int i = 0; i < most_listeners; i++) {
        // A pipe that is full holds thousands of signals that nobody has looked at.
        if (atomic_load(&listeners[i].signals) & bit(number)) (void)!write(listeners[i].descriptor, &byte, 1);
    }
    atomic_fetch_sub(&handlers, 1);
    errno = error;
}

static bool may_be_heard(int number) {
    switch (number) {
    case SIGSEGV: case SIGBUS: case SIGILL: case SIGFPE: case SIGTRAP: case SIGSYS: case SIGKILL: case SIGSTOP: return false;
    default: return number >= 1 && number <= most_signals;
    }
}

static int add_user(int number) {
    if (users[number] == 0) {
        // On the signal stack: a tasklet's own may have little left.
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK};
        sigfillset(&action.sa_mask);
        if (sigaction(number, &action, &former[number]) < 0) return -errno;
    }
    users[number]++;
    return 0;
}

static void remove_user(int number) {
    if (--users[number] > 0) return;
    struct sigaction present;
    // Somebody else may have set it meanwhile.
    if (sigaction(number, NULL, &present) == 0 && present.sa_handler == on_signal) sigaction(number, &former[number], NULL);
}

static int find_free(void) {
    for (int i = 0; i < most_listeners; i++) if (!listeners[i].is_used) return i;
    return -1;
}

int signals_listen(const int *numbers, int count, int *listener) {
    for (int i = 0; i < count; i++) if (!may_be_heard(numbers[i])) return -EINVAL;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return -errno;
    pthread_mutex_lock(&lock);
    int found = find_free();
    int error = found < 0 ? -ENFILE : 0;
    uint64_t heard = 0;
    for (int i = 0; i < count && !error; i++) {
        if (heard & bit(numbers[i])) continue;
        error = add_user(numbers[i]);
        if (!error) heard |= bit(numbers[i]);
    }
    if (error) {
        for (int number = 1; number <= most_signals; number++) if (heard & bit(number)) remove_user(number);
    } else {
        listeners[found].is_used = true;
        atomic_store(&listeners[found].descriptor, ends[1]);
        atomic_store(&listeners[found].signals, heard);
        *listener = found;
    }
    pthread_mutex_unlock(&lock);
    if (!error) return ends[0];
    close(ends[0]);
    close(ends[1]);
    return error;
}

void signals_stop(int listener) {
    pthread_mutex_lock(&lock);
    uint64_t heard = atomic_exchange(&listeners[listener].signals, 0);
    for (int number = 1; number <= most_signals; number++) if (heard & bit(number)) remove_user(number);
    // A handler that has seen the bit is going to write: not into what gets the same number.
    while (atomic_load(&handlers) > 0) sched_yield();
    close(listeners[listener].descriptor);
    listeners[listener].is_used = false;
    pthread_mutex_unlock(&lock);
}
