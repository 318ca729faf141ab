#define _GNU_SOURCE
#include "terminals.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { most_terminals = 8 };

static struct {
    /// Of our own, so that it is there when the program's are closed; 0 for none.
    _Atomic int descriptor;
    struct termios former;
} terminals[most_terminals];

/// Of all that follows, and of the places in the table.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int terminals_in_use;

/// What a program dies from. Those of the second kind come from outside, and may be meant for somebody who listens.
static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
static const int requests[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static struct sigaction former[NSIG];

/// A process in the background would be stopped by that.
static int set_without_stop(int descriptor, const struct termios *state) {
    sigset_t stop, mask;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stop, &mask);
    int result = tcsetattr(descriptor, TCSANOW, state) < 0 ? -errno : 0;
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    return result;
}

static void put_all_back(void) {
    for (int i = 0; i < most_terminals; i++) {
        int descriptor = atomic_load(&terminals[i].descriptor);
        if (descriptor > 0) set_without_stop(descriptor, &terminals[i].former);
    }
}

/// Puts the terminals back, and lets happen what would have happened: a fault comes again, a request is sent again.
static void on_death(int number, siginfo_t *info, void *context) {
    (void)context;
    int error = errno;
    put_all_back();
    sigaction(number, &former[number], NULL);
    bool comes_again = number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE;
    if (!comes_again || info->si_code <= 0) raise(number);
    errno = error;
}

static void watch(int number, bool only_if_default) {
    struct sigaction present;
    if (sigaction(number, NULL, &present) < 0) return;
    bool is_ours = present.sa_sigaction == on_death;
    // Put back by somebody who had found it there: what was before is known already.
    if (!is_ours) former[number] = present;
    if (is_ours) return;
    if (only_if_default && present.sa_handler != SIG_DFL) return;
    // On the signal stack: a tasklet's own may have overflowed.
    struct sigaction action = {.sa_sigaction = on_death, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigaction(number, &action, NULL);
}

static void stop_watching(int number) {
    struct sigaction present;
    // Others may have set it meanwhile.
    if (sigaction(number, NULL, &present) < 0 || present.sa_sigaction != on_death) return;
    sigaction(number, &former[number], NULL);
}

static void for_each_signal(bool is_beginning) {
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (is_beginning) watch(faults[i], false); else stop_watching(faults[i]);
    }
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        if (is_beginning) watch(requests[i], true); else stop_watching(requests[i]);
    }
}

static int find_free(void) {
    for (int i = 0; i < most_terminals; i++) if (atomic_load(&terminals[i].descriptor) == 0) return i;
    return -1;
}

/// Under the lock.
static void end_keys(int terminal) {
    int descriptor = atomic_load(&terminals[terminal].descriptor);
    set_without_stop(descriptor, &terminals[terminal].former);
    atomic_store(&terminals[terminal].descriptor, 0);
    if (--terminals_in_use == 0) for_each_signal(false);
    close(descriptor);
}

/// Under the lock.
static int begin_keys(int descriptor) {
    static bool is_registered;
    int found = find_free();
    if (found < 0) return -ENFILE;
    if (tcgetattr(descriptor, &terminals[found].former) < 0) return -errno;
    int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    if (own < 0) return -errno;
    if (!is_registered) is_registered = atexit(put_all_back) == 0;
    struct termios keys = terminals[found].former;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
    // Enter and Ctrl-J are two keys, and Ctrl-S is one.
    keys.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    // First, or a signal in between would leave it as it is.
    atomic_store(&terminals[found].descriptor, own);
    if (terminals_in_use++ == 0) for_each_signal(true);
    int error = set_without_stop(own, &keys);
    if (error == 0) return found;
    end_keys(found);
    return error;
}

int terminal_begin_keys(int descriptor) {
    pthread_mutex_lock(&lock);
    int result = begin_keys(descriptor);
    pthread_mutex_unlock(&lock);
    return result;
}

void terminal_end_keys(int terminal) {
    pthread_mutex_lock(&lock);
    end_keys(terminal);
    pthread_mutex_unlock(&lock);
}

int terminal_size(int descriptor, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) < 0) return -errno;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}
