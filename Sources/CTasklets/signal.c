// A signal that makes the program say what it is doing. The handler runs in the middle of anything, so it only wakes a
// thread that does the rest.

#define _GNU_SOURCE
#include "CTasklets.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

static sem_t arrived;
static void (*on_arrival)(void);
static bool is_watched;

static void on_signal(int signal) {
    (void)signal;
    int former = errno;
    sem_post(&arrived);
    errno = former;
}

static void watch(void) {
    while (true) {
        if (sem_wait(&arrived) == 0) on_arrival();
    }
}

static void start_watching(void) {
    is_watched = sem_init(&arrived, 0, 0) == 0 && thread_start(watch) == 0;
}

signal_watching signal_watch(int signal, void (*arrival)(void)) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    __atomic_store_n(&on_arrival, arrival, __ATOMIC_RELEASE);
    pthread_once(&once, start_watching);
    if (!is_watched) return SIGNAL_NO_THREAD;
    // On the signal stack: a tasklet's own may have little left.
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK};
    return sigaction(signal, &action, NULL) == 0 ? SIGNAL_WATCHED : SIGNAL_REFUSED;
}
