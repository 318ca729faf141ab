// What the bridge to async functions needs of the system.

#ifndef TASKLETS_ASYNC_H
#define TASKLETS_ASYNC_H

#include <stdbool.h>

/// A descriptor that can be read when something is in the main queue, which async functions of the main actor run in. The negated
/// error number where the program has no such queue, or the caller is not the main thread.
int main_queue_descriptor(void);

/// Whether something has come into the main queue since the last call. Does not block.
bool main_queue_take(int descriptor);

/// Runs what is in the main queue. On the main thread.
void main_queue_drain(void);

#endif
