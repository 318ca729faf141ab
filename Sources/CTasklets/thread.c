// What a thread keeps, what runs when it ends, and where it sleeps.

#define _GNU_SOURCE
#include "CTasklets.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

_Thread_local void *thread_value;

// MARK: - End of thread

static pthread_key_t end_key;
static void (*end_function)(bool is_program);
static bool is_program_ending;

static void thread_ended(void *unused) {
    (void)unused;
    __atomic_load_n(&end_function, __ATOMIC_ACQUIRE)(false);
    stack_overflow_unwatch();
}

// Runs on the thread that calls exit or returns from main: its key destructors do not run.
static void program_ended(void) {
    __atomic_store_n(&is_program_ending, true, __ATOMIC_RELEASE);
    __atomic_load_n(&end_function, __ATOMIC_ACQUIRE)(true);
}

bool thread_program_is_ending(void) { return __atomic_load_n(&is_program_ending, __ATOMIC_ACQUIRE); }

static void make_end_key(void) {
    if (pthread_key_create(&end_key, thread_ended) != 0 || atexit(program_ended) != 0) {
        fputs("Tasklets: the system has no thread key left for the end of threads.\n", stderr);
        abort();
    }
}

void thread_at_end(void (*ended)(bool is_program)) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    __atomic_store_n(&end_function, ended, __ATOMIC_RELEASE);
    pthread_once(&once, make_end_key);
    pthread_setspecific(end_key, &end_key);  // any value but NULL: the destructor is called for those only
}

void report_line(const char *text) { fprintf(stderr, "%s\n", text); }

int thread_number(void) { return (int)syscall(SYS_gettid); }

int64_t clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// MARK: - Barrier

static bool barrier_exists;
static int barrier_command;

static void look_for_barrier(void) {
    const long commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
    barrier_exists = commands > 0 && (commands & (MEMBARRIER_CMD_PRIVATE_EXPEDITED | MEMBARRIER_CMD_GLOBAL));
}

bool thread_barrier_exists(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look_for_barrier);
    return barrier_exists;
}

// Not before two threads meet: with several threads it takes milliseconds.
static void choose_barrier(void) {
    // The expedited form interrupts only processors that run this process; it must be registered first.
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0) {
        barrier_command = MEMBARRIER_CMD_PRIVATE_EXPEDITED;
    } else {
        barrier_command = MEMBARRIER_CMD_GLOBAL;
    }
}

void thread_barrier_for_all(void) {
    if (!thread_barrier_exists()) {
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        return;
    }
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_barrier);
    if (syscall(SYS_membarrier, barrier_command, 0, 0) != 0) {
        fputs("Tasklets: threads cannot meet any more, since the system now refuses membarrier. If a seccomp filter does: "
              "install it before the first use of tasklets.\n",
              stderr);
        abort();
    }
}

void thread_yield(void) { sched_yield(); }

int thread_processor_count(void) {
    static int count;
    int known = __atomic_load_n(&count, __ATOMIC_RELAXED);
    if (known == 0) {
        cpu_set_t allowed;
        known = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
        __atomic_store_n(&count, known, __ATOMIC_RELAXED);
    }
    return known;
}

static int own_threads;

// 0 when the system does not tell.
static int count_threads(void) {
    // The folder has a link from each thread's, from its own and from the one above it.
    struct stat threads;
    return stat("/proc/self/task", &threads) != 0 || threads.st_nlink <= 2 ? 0 : (int)threads.st_nlink - 2;
}

int thread_count_of_program(void) {
    int count = count_threads();
    return count == 0 ? 1 : count - __atomic_load_n(&own_threads, __ATOMIC_RELAXED);
}

// Those of `thread_start`.
static int servant_threads;

bool thread_is_only_one(void) {
    int servants = __atomic_load_n(&servant_threads, __ATOMIC_SEQ_CST);
    return count_threads() == 1 + servants;
}

// MARK: - Lock

struct lock {
    pthread_mutex_t lock;
    pthread_cond_t wake;
};

lock *lock_make(void) {
    lock *self = malloc(sizeof *self);
    if (self == NULL) abort();
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->wake, NULL);
    return self;
}

void lock_free(lock *self) {
    pthread_mutex_destroy(&self->lock);
    pthread_cond_destroy(&self->wake);
    free(self);
}

void lock_acquire(lock *self) { pthread_mutex_lock(&self->lock); }
bool lock_try(lock *self) { return pthread_mutex_trylock(&self->lock) == 0; }
void lock_release(lock *self) { pthread_mutex_unlock(&self->lock); }
bool lock_sleep(lock *self, int64_t deadline) {
    if (deadline == INT64_MAX) {
        pthread_cond_wait(&self->wake, &self->lock);
        return true;
    }
    struct timespec until = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000};
    return pthread_cond_clockwait(&self->wake, &self->lock, CLOCK_MONOTONIC, &until) != ETIMEDOUT;
}
void lock_wake(lock *self) { pthread_cond_signal(&self->wake); }

// MARK: - Threads of the library's own

struct beginning {
    void *(*body)(void *);
    void *argument;
};

static void *begin(void *argument) {
    struct beginning beginning = *(struct beginning *)argument;
    free(argument);
    beginning.body(beginning.argument);
    __atomic_fetch_sub(&own_threads, 1, __ATOMIC_RELAXED);
    return NULL;
}

int thread_start_with(void *(*body)(void *), void *argument) {
    struct beginning *beginning = malloc(sizeof *beginning);
    if (beginning == NULL) return -ENOMEM;
    *beginning = (struct beginning){body, argument};
    // Signals that are sent to the process are for the program's own threads. What the thread itself does wrong is its own.
    sigset_t blocked, former;
    sigfillset(&blocked);
    const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) sigdelset(&blocked, own[i]);
    pthread_t thread;
    __atomic_fetch_add(&own_threads, 1, __ATOMIC_RELAXED);
    pthread_sigmask(SIG_SETMASK, &blocked, &former);
    int error = pthread_create(&thread, NULL, begin, beginning);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    if (error == 0) {
        pthread_detach(thread);
    } else {
        __atomic_fetch_sub(&own_threads, 1, __ATOMIC_RELAXED);
        free(beginning);
    }
    return -error;
}

// Counted while it surely exists, so that nobody takes another thread for it.
static void *run_body(void *argument) {
    void (*body)(void);
    memcpy(&body, &argument, sizeof body);
    __atomic_fetch_add(&servant_threads, 1, __ATOMIC_SEQ_CST);
    body();
    __atomic_fetch_sub(&servant_threads, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

int thread_start(void (*body)(void)) {
    void *argument;
    memcpy(&argument, &body, sizeof argument);
    return thread_start_with(run_body, argument);
}
