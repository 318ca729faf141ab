// What is written when the program crashes in the middle of a schedule that is tried: by which line it happens again.
//
// The handlers run in the middle of anything: they read memory, write to standard error, and leave the rest to the handler
// that was there before. They stay once they are set, as nobody can take out a handler that others may stand on.

#define _GNU_SOURCE
#include "CTasklets.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int signals[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
#define SIGNAL_COUNT (sizeof signals / sizeof *signals)
static struct sigaction former_actions[SIGNAL_COUNT];

// Looked at in a handler, where memory for it could not be asked for.
static _Thread_local __attribute__((tls_model("initial-exec"))) const crash_schedule *current;

// A line in pieces: a schedule of a long random run has thousands of departures.
typedef struct {
    size_t length;
    char text[512];
} line_buffer;

static void flush(line_buffer *line) {
    const char *text = line->text;
    while (line->length > 0) {
        ssize_t written = write(STDERR_FILENO, text, line->length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        text += written;
        line->length -= (size_t)written;
    }
    line->length = 0;
}

static void add(line_buffer *line, const char *text) {
    for (; *text; text++) {
        if (line->length == sizeof line->text) flush(line);
        line->text[line->length++] = *text;
    }
}

static void add_number(line_buffer *line, int64_t number) {
    char digits[24];
    char *first = digits + sizeof digits - 1;
    *first = 0;
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    add(line, first);
}

static void write_schedule(const crash_schedule *schedule) {
    line_buffer line = {.length = 0};
    add(&line, "Exploration: the program crashes under the schedule '");
    add(&line, schedule->letters);
    add_number(&line, schedule->made);
    for (int64_t choice = 0; choice < schedule->made; choice++) {
        if (schedule->picks[choice] == 0) continue;
        add(&line, " ");
        add_number(&line, choice);
        add(&line, ":");
        add_number(&line, schedule->picks[choice]);
    }
    add(&line, "'. The environment variable TASKLETS_SCHEDULE runs it again.\n");
    flush(&line);
}

static void on_crash(int signal, siginfo_t *information, void *context) {
    int former_errno = errno;
    const crash_schedule *schedule = current;
    current = NULL;
    if (schedule) write_schedule(schedule);
    errno = former_errno;
    size_t place = 0;
    while (signals[place] != signal) place++;
    const struct sigaction *former = &former_actions[place];
    if (former->sa_flags & SA_SIGINFO) {
        former->sa_sigaction(signal, information, context);
    } else if (former->sa_handler != SIG_DFL && former->sa_handler != SIG_IGN) {
        former->sa_handler(signal);
    } else {
        // The same again, without anybody who handles it: the fault that is repeated, or the signal that somebody sent.
        sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
        // What is sent, and a breakpoint, are not repeated by going on.
        if (information->si_code <= 0 || signal == SIGABRT || signal == SIGTRAP) raise(signal);
    }
}

static void watch(void) {
    for (size_t place = 0; place < SIGNAL_COUNT; place++) {
        struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
        sigaction(signals[place], &action, &former_actions[place]);
    }
}

void crash_watch(const crash_schedule *schedule) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch);
    current = schedule;
}
