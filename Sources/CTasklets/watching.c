#define _GNU_SOURCE
#include "watching.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__clang__)
#define UNCHECKED __attribute__((disable_sanitizer_instrumentation))
#else
#define UNCHECKED
#endif

// MARK: - The sample

/// Static, since a thread that answers too late must not write into the frame of one that has given up.
static struct {
    int state;
    int thread;
    stack_bounds bounds;
    stack_sample sample;
    sem_t is_taken;
} wanted;

enum { NOTHING_WANTED, WANTED, BEING_TAKEN };

static struct sigaction former_action;

static stack_context interrupted(const ucontext_t *context) {
#if defined(__x86_64__)
    const greg_t *registers = context->uc_mcontext.gregs;
    return (stack_context){.stack_pointer = (void *)registers[REG_RSP],
                           .instruction = (void *)registers[REG_RIP],
                           .frame_pointer = (void *)registers[REG_RBP]};
#else
    const mcontext_t *registers = &context->uc_mcontext;
    return (stack_context){.stack_pointer = (void *)registers->sp,
                           .instruction = (void *)registers->pc,
                           .frame_pointer = (void *)registers->regs[29]};
#endif
}

UNCHECKED static void copy_words(const stack_context *here, const ucontext_t *context) {
    size_t count = 0;
#if defined(__aarch64__)
    wanted.sample.words[count++] = (void *)(context->uc_mcontext.regs[30] & 0xffffffffffff);
#else
    (void)context;
#endif
    uintptr_t end = (uintptr_t)wanted.bounds.highest;
    uintptr_t frame = (uintptr_t)here->frame_pointer;
    if (frame >= (uintptr_t)here->stack_pointer && frame < end) end = frame;
    uintptr_t word = (uintptr_t)here->stack_pointer & ~(sizeof(void *) - 1);
    for (; word + sizeof(void *) <= end && count < sample_most_words; word += sizeof(void *))
        wanted.sample.words[count++] = *(void **)word;
    wanted.sample.word_count = count;
}

// In the middle of anything: reads the thread's own stack and nothing else.
static void on_signal(int signal, siginfo_t *information, void *context) {
    int former_errno = errno;
    int state = WANTED;
    if (__atomic_load_n(&wanted.thread, __ATOMIC_ACQUIRE) == thread_number() &&
        __atomic_compare_exchange_n(&wanted.state, &state, BEING_TAKEN, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        stack_context here = interrupted(context);
        wanted.sample.count = 0;
        wanted.sample.word_count = 0;
        if (here.stack_pointer >= wanted.bounds.lowest && here.stack_pointer < wanted.bounds.highest) {
            wanted.sample.addresses[0] = here.instruction;
            wanted.sample.count = 1;
            size_t found = stack_frames(&here, wanted.bounds, wanted.sample.addresses, sample_most_addresses);
            if (found <= 1) {
                here.frame_pointer = stack_nearest_frame(&here, wanted.bounds, sample_most_words);
                found = stack_frames(&here, wanted.bounds, wanted.sample.addresses, sample_most_addresses);
            }
            if (found > 1) wanted.sample.count = found;
            copy_words(&here, context);
        }
        sem_post(&wanted.is_taken);
    } else if (former_action.sa_flags & SA_SIGINFO) {
        former_action.sa_sigaction(signal, information, context);
    } else if (former_action.sa_handler != SIG_DFL && former_action.sa_handler != SIG_IGN) {
        former_action.sa_handler(signal);
    }
    errno = former_errno;
}

static void install_handler(void) {
    sem_init(&wanted.is_taken, 0, 0);
    // On the signal stack: a tasklet's own may have little left.
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    sigaction(SIGURG, &action, &former_action);
}

static bool take(int thread, stack_bounds bounds, int64_t patience, stack_sample *sample) {
    wanted.bounds = bounds;
    __atomic_store_n(&wanted.thread, thread, __ATOMIC_RELEASE);
    __atomic_store_n(&wanted.state, WANTED, __ATOMIC_RELEASE);
    bool is_taken = syscall(SYS_tgkill, getpid(), thread, SIGURG) == 0;
    if (is_taken) {
        int64_t deadline = clock_now() + patience;
        struct timespec until = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000};
        int result;
        do result = sem_clockwait(&wanted.is_taken, CLOCK_MONOTONIC, &until);
        while (result != 0 && errno == EINTR);
        is_taken = result == 0;
    }
    int state = WANTED;
    if (!is_taken &&
        !__atomic_compare_exchange_n(&wanted.state, &state, NOTHING_WANTED, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        // It answers at the last moment.
        while (sem_wait(&wanted.is_taken) != 0) {}
        is_taken = true;
    }
    if (is_taken) *sample = wanted.sample;
    __atomic_store_n(&wanted.state, NOTHING_WANTED, __ATOMIC_RELEASE);
    return is_taken && sample->count > 0;
}

bool stack_sample_take(int thread, stack_bounds bounds, int64_t patience, stack_sample *sample) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    // Dumps come from any thread.
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    pthread_once(&once, install_handler);
    pthread_mutex_lock(&one_at_a_time);
    bool is_taken = take(thread, bounds, patience, sample);
    pthread_mutex_unlock(&one_at_a_time);
    return is_taken;
}

void stack_sample_allow(void) {
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGURG);
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

UNCHECKED bool stack_follows_call(const void *address) {
#if defined(__x86_64__)
    const uint8_t *code = address;
    if (code[-5] == 0xe8) return true;
    // Through a register or memory, with an operand of 0, 1 or 4 bytes, and perhaps one more byte for the addressing.
    for (int length = 2; length <= 7; length++) {
        if (code[-length] == 0xff && (code[-length + 1] & 0x38) == 0x10) return true;
    }
    return false;
#else
    uint32_t code = ((const uint32_t *)address)[-1];
    return (code & 0xfc000000) == 0x94000000 || (code & 0xfffffc1f) == 0xd63f0000;
#endif
}

UNCHECKED const void *stack_called(const void *address) {
#if defined(__x86_64__)
    const uint8_t *code = address;
    if (code[-5] != 0xe8) return NULL;
    int32_t distance;
    memcpy(&distance, code - 4, sizeof distance);
    return code + distance;
#else
    uint32_t code = ((const uint32_t *)address)[-1];
    if ((code & 0xfc000000) != 0x94000000) return NULL;
    int64_t words = (int64_t)((uint64_t)code << 38) >> 38;
    return (const char *)address - 4 + words * 4;
#endif
}

// MARK: - The thread that looks

void thread_sleep(int64_t nanoseconds) {
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    nanosleep(&time, NULL);
}
