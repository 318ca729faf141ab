#define _GNU_SOURCE
#include "workers.h"
#include "CTasklets.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef struct job {
    struct job *next;
    void (*run)(void *);
    void *argument;
} job;

/// A thread that waits for its next job, on its own stack. Jobs are handed to it directly, so that none goes to a thread that
/// has to be woken while another one is awake, and so that the one whose memory is still in the cache comes first.
typedef struct idle_worker {
    struct idle_worker *next;
    job *job;
    /// `WATCHING` while it spins, `ASLEEP` while it sleeps at this word, `CALLED` when it has a job.
    uint32_t state;
} idle_worker;

enum { WATCHING, ASLEEP, CALLED };

struct worker_pool {
    pthread_mutex_t lock;
    idle_worker *idle;
    job *first, *last;
    int limit;
    int count;
    /// How many of them are in `idle`. The others are busy.
    int idle_count;
    int made;
    int64_t idle_time;
    char name[11];
};

static _Thread_local bool is_worker;

bool worker_is_here(void) { return is_worker; }

worker_pool *worker_pool_make(const char *name, int limit, int64_t idle_time) {
    worker_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) abort();
    pthread_mutex_init(&pool->lock, NULL);
    pool->limit = limit < 1 ? 1 : limit;
    pool->idle_time = idle_time;
    strncpy(pool->name, name, sizeof pool->name - 1);
    return pool;
}

int worker_pool_size(worker_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    int count = pool->count;
    pthread_mutex_unlock(&pool->lock);
    return count;
}

// MARK: - The threads

/// A job that comes within some microseconds finds the thread awake, which spares both sides the system.
static bool was_called_soon(idle_worker *self) {
    if (thread_processor_count() < 2) return false;
    for (int i = 0; i < 200; i++) {
        if (__atomic_load_n(&self->state, __ATOMIC_ACQUIRE) == CALLED) return true;
        thread_relax();
    }
    return false;
}

/// False when the time has passed.
static bool sleep_until_called(idle_worker *self, int64_t time) {
    uint32_t watching = WATCHING;
    if (!__atomic_compare_exchange_n(&self->state, &watching, ASLEEP, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return true;
    int64_t deadline = clock_now() + time;
    while (__atomic_load_n(&self->state, __ATOMIC_ACQUIRE) == ASLEEP) {
        int64_t left = deadline - clock_now();
        if (left <= 0) return false;
        struct timespec timeout = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
        syscall(SYS_futex, &self->state, FUTEX_WAIT_PRIVATE, ASLEEP, &timeout, NULL, 0);
    }
    return true;
}

/// Inside the lock. False when it is not there any more: it has been called.
static bool take_out(worker_pool *pool, idle_worker *self) {
    for (idle_worker **place = &pool->idle; *place != NULL; place = &(*place)->next) {
        if (*place != self) continue;
        *place = self->next;
        pool->idle_count -= 1;
        return true;
    }
    return false;
}

static idle_worker *hand_out(worker_pool *pool);
static void call_all(idle_worker *workers);

/// NULL when the thread is to end. It is not counted any more then.
static job *next_job(worker_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    if (pool->count > pool->limit) goto end;
    if (pool->first != NULL) {
        job *found = pool->first;
        pool->first = found->next;
        pthread_mutex_unlock(&pool->lock);
        return found;
    }
    idle_worker self = {.next = pool->idle, .state = WATCHING};
    pool->idle = &self;
    pool->idle_count += 1;
    pthread_mutex_unlock(&pool->lock);
    if (was_called_soon(&self) || sleep_until_called(&self, pool->idle_time)) return self.job;
    pthread_mutex_lock(&pool->lock);
    if (take_out(pool, &self)) goto end;
    // Called at the last moment.
    pthread_mutex_unlock(&pool->lock);
    while (__atomic_load_n(&self.state, __ATOMIC_ACQUIRE) != CALLED) thread_yield();
    return self.job;
end:
    pool->count -= 1;
    // What waits because the limit is reached: there may be idle threads above a lower limit.
    idle_worker *called = hand_out(pool);
    pthread_mutex_unlock(&pool->lock);
    call_all(called);
    return NULL;
}

typedef struct beginning {
    worker_pool *pool;
    job *first;
    int number;
} beginning;

static void *work(void *argument) {
    beginning *beginning = argument;
    worker_pool *pool = beginning->pool;
    job *job = beginning->first;
    char name[16];
    snprintf(name, sizeof name, "%s-%d", pool->name, beginning->number % 1000);
    pthread_setname_np(pthread_self(), name);
    free(beginning);
    is_worker = true;
    while (job != NULL) {
        void (*run)(void *) = job->run;
        void *its_argument = job->argument;
        free(job);
        run(its_argument);
        job = next_job(pool);
    }
    return NULL;
}

static bool start_thread(worker_pool *pool, job *job, int number) {
    beginning *beginning = malloc(sizeof *beginning);
    if (beginning == NULL) return false;
    *beginning = (struct beginning){pool, job, number};
    bool is_started = thread_start_with(work, beginning) == 0;
    if (!is_started) free(beginning);
    return is_started;
}

// MARK: - Jobs

/// Inside the lock.
static void append(worker_pool *pool, job *fresh) {
    fresh->next = NULL;
    if (pool->first == NULL) pool->first = fresh; else pool->last->next = fresh;
    pool->last = fresh;
}

/// Finds threads for the jobs that wait, the first one first, as far as the limit goes. Inside the lock.
///
/// Returns the idle threads that have got one, to be called outside of the lock.
static idle_worker *hand_out(worker_pool *pool) {
    idle_worker *called = NULL;
    while (pool->first != NULL && pool->count - pool->idle_count < pool->limit) {
        // Not looked at any more once a thread has it, which frees it.
        job *next = pool->first->next;
        idle_worker *worker = pool->idle;
        if (worker != NULL) {
            pool->idle = worker->next;
            pool->idle_count -= 1;
            worker->job = pool->first;
            worker->next = called;
            called = worker;
        } else {
            // Inside the lock, so that whoever is counted is there: it is rare.
            if (!start_thread(pool, pool->first, pool->made + 1)) break;
            pool->count += 1;
            pool->made += 1;
        }
        pool->first = next;
    }
    return called;
}

static void call_all(idle_worker *workers) {
    while (workers != NULL) {
        idle_worker *worker = workers;
        workers = worker->next;
        // From here on it may go on, and its stack be used for something else: a system call that finds nobody there does no
        // harm.
        if (__atomic_exchange_n(&worker->state, CALLED, __ATOMIC_ACQ_REL) == ASLEEP)
            syscall(SYS_futex, &worker->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
}

int worker_pool_add(worker_pool *pool, void (*run)(void *), void *argument) {
    job *fresh = malloc(sizeof *fresh);
    if (fresh == NULL) abort();
    *fresh = (job){NULL, run, argument};
    int result = 0;
    pthread_mutex_lock(&pool->lock);
    append(pool, fresh);
    idle_worker *called = hand_out(pool);
    if (pool->count == 0) {
        // Nobody will come for it. It is the only one: others wait only while there is a thread.
        pool->first = NULL;
        free(fresh);
        result = -EAGAIN;
    }
    pthread_mutex_unlock(&pool->lock);
    call_all(called);
    return result;
}

void worker_pool_set_limit(worker_pool *pool, int limit) {
    pthread_mutex_lock(&pool->lock);
    pool->limit = limit < 1 ? 1 : limit;
    idle_worker *called = hand_out(pool);
    pthread_mutex_unlock(&pool->lock);
    call_all(called);
}
