/// Native threads that do jobs for tasklets. `worker_` is the prefix of all.
#ifndef CTASKLETS_WORKERS_H
#define CTASKLETS_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Threads that are made when there is something to do, and end when there has been nothing for some time. Never freed: a
/// thread may be in the middle of a job when the process ends, and nobody waits for it.
typedef struct worker_pool worker_pool;

/// - name: its first 10 bytes and a number are the names of the threads.
/// - limit: how many threads there are at most; at least 1.
/// - idle_time: nanoseconds after which a thread without a job ends.
worker_pool *worker_pool_make(const char *name, int limit, int64_t idle_time);

/// A higher limit finds threads for the jobs that wait at once. With a lower one nobody begins until fewer threads are busy, and
/// threads above it end after their job.
void worker_pool_set_limit(worker_pool *pool, int limit);

/// How many threads there are.
int worker_pool_size(worker_pool *pool);

/// Calls `run(argument)` on one of the threads, after the jobs that wait already: at once on the one that has become idle last,
/// else on a new one, unless as many as the limit are busy. On any thread. `-EAGAIN` when there is no thread and the
/// system refuses to make one: the job is forgotten.
///
/// What this thread has written before is seen by the job.
int worker_pool_add(worker_pool *pool, void (*run)(void *), void *argument);

/// Whether the calling thread is one of a pool.
bool worker_is_here(void);

#pragma clang assume_nonnull end

#endif
