// jobs JOB COUNT [SIZE] prints the nanoseconds that one operation of the job takes: two threads, and a place for one value
// with a mutex and a condition variable.

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int isFull;
    int64_t value;
} place;

static place there = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
static place back = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
static int64_t count;

static void put(place *at, int64_t value) {
    pthread_mutex_lock(&at->lock);
    while (at->isFull) pthread_cond_wait(&at->changed, &at->lock);
    at->value = value;
    at->isFull = 1;
    pthread_mutex_unlock(&at->lock);
    pthread_cond_signal(&at->changed);
}

static int64_t take(place *at) {
    pthread_mutex_lock(&at->lock);
    while (!at->isFull) pthread_cond_wait(&at->changed, &at->lock);
    int64_t value = at->value;
    at->isFull = 0;
    pthread_mutex_unlock(&at->lock);
    pthread_cond_signal(&at->changed);
    return value;
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void *answer(void *unused) {
    (void)unused;
    for (int64_t n = 0; n < count; n++) put(&back, take(&there) + 1);
    return NULL;
}

static void *send(void *unused) {
    (void)unused;
    for (int64_t n = 0; n < count; n++) put(&there, n);
    return NULL;
}

static void start(void *(*body)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, NULL) != 0) exit(1);
}

int main(int argumentCount, char **arguments) {
    if (argumentCount < 3) return 1;
    count = atoll(arguments[2]);
    int64_t operations = count, elapsed = 0, sum = 0, expected;
    if (strcmp(arguments[1], "threads-ping-pong") == 0) {
        count /= 2;
        start(answer);
        int64_t begin = now();
        for (int64_t n = 0; n < count; n++) {
            put(&there, n);
            sum += take(&back);
        }
        elapsed = now() - begin;
        expected = count * (count - 1) / 2 + count;
    } else if (strcmp(arguments[1], "threads-stream") == 0) {
        start(send);
        int64_t begin = now();
        for (int64_t n = 0; n < count; n++) sum += take(&there);
        elapsed = now() - begin;
        expected = count * (count - 1) / 2;
    } else if (strcmp(arguments[1], "threads-asleep") == 0) {
        start(answer);
        for (int64_t n = 0; n < count; n++) {
            for (int64_t rest = now(); now() - rest < 200000;) {
            }
            int64_t begin = now();
            put(&there, n);
            sum += take(&back);
            elapsed += now() - begin;
        }
        expected = count * (count - 1) / 2 + count;
    } else {
        return 1;
    }
    if (sum != expected) return 1;
    printf("%f\n", (double)elapsed / (double)operations);
    return 0;
}
