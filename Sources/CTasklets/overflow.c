// Tells a stack overflow from other crashes, and says whose it was before the usual crash report.

#define _GNU_SOURCE
#include "CTasklets.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

// The handler cannot run on the stack that is used up. Large enough for the crash report of Swift's runtime.
#define SIGNAL_STACK_SIZE (64 * 1024)

static stack_describe_overflow *describe_overflow;
static struct sigaction former_action;
static _Thread_local void *signal_stack;
static _Thread_local bool is_describing;

// Where the interrupted code stood; NULL when that was the signal stack, another handler's.
static void *interrupted_stack_pointer(const ucontext_t *context) {
#if defined(__x86_64__)
    char *stack_pointer = (char *)context->uc_mcontext.gregs[REG_RSP];
#else
    char *stack_pointer = (char *)context->uc_mcontext.sp;
#endif
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_ONSTACK) &&
        stack_pointer >= (char *)present.ss_sp && stack_pointer < (char *)present.ss_sp + present.ss_size)
        return NULL;
    return stack_pointer;
}

// The signal goes where it would have gone without us, and the next one comes here again: memory barriers of garbage
// collectors and probes of memory are faults that are handled and forgotten.
static void pass_on(int signal, siginfo_t *information, void *context, bool is_fault) {
    const struct sigaction former = former_action;
    if (former.sa_handler == SIG_IGN && !is_fault) return;
    if (former.sa_handler == SIG_DFL || former.sa_handler == SIG_IGN) {
        // The end of the process, by the system: a fault happens again on return, what was sent is sent again.
        sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
        if (!is_fault) raise(signal);
        return;
    }
    if (former.sa_flags & SA_RESETHAND) former_action = (struct sigaction){.sa_handler = SIG_DFL};
    sigset_t blocked = former.sa_mask, mask;
    if (!(former.sa_flags & SA_NODEFER)) sigaddset(&blocked, signal);
    pthread_sigmask(SIG_BLOCK, &blocked, &mask);
    if (former.sa_flags & SA_SIGINFO) {
        former.sa_sigaction(signal, information, context);
    } else {
        former.sa_handler(signal);
    }
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void on_fault(int signal, siginfo_t *information, void *context) {
    // Otherwise a process has sent it, and there is no address.
    const bool is_fault = information->si_code > 0;
    // A fault in here is not described again.
    if (is_fault && !is_describing) {
        is_describing = true;
        describe_overflow(information->si_addr, interrupted_stack_pointer(context));
        is_describing = false;
    }
    pass_on(signal, information, context, is_fault);
}

static void install_handler(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigaction(SIGSEGV, &action, &former_action);
}

void stack_overflow_watch(stack_describe_overflow *describe) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    __atomic_store_n(&describe_overflow, describe, __ATOMIC_RELEASE);
    pthread_once(&once, install_handler);

    stack_t present;
    if (sigaltstack(NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return;
    void *memory = mmap(NULL, SIGNAL_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    stack_t ours = {.ss_sp = memory, .ss_size = SIGNAL_STACK_SIZE};
    if (sigaltstack(&ours, NULL) == 0) signal_stack = memory;
}

void stack_overflow_unwatch(void) {
    if (signal_stack == NULL) return;
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(signal_stack, SIGNAL_STACK_SIZE);
    signal_stack = NULL;
}

stack_bounds thread_bounds(void) {
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return (stack_bounds){0};
    pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    return (stack_bounds){lowest, (char *)lowest + size};
}

void report_bytes(const uint8_t *text, size_t length) {
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, text, length);
        if (written <= 0) return;
        text += written;
        length -= (size_t)written;
    }
}
