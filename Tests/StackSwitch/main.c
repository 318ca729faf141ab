// The switch, driven from C: run on this machine's processor, and on AArch64 under emulation.
//
// Every flow switches back to the program's own stack (`flow_main`); the tests here decide who is next.

#define _GNU_SOURCE
#include "backtrace.h"
#include "flow.h"
#include "registers.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// A generator of numbers that differ from flow to flow.
static uint64_t stirred(uint64_t number) {
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
    return number ^ (number >> 31);
}

// Switches to the flows in turn until every one has ended.
static void run_in_turn(flow *flows[], int count) {
    for (int left = count; left > 0;) {
        left = 0;
        for (int i = 0; i < count; i++) {
            if (flows[i]->has_ended) continue;
            flow_switch(flows[i]);
            if (!flows[i]->has_ended) left++;
        }
    }
    for (int i = 0; i < count; i++) flow_free(flows[i]);
}

static void run_many(int count, void (*body)(flow *self)) {
    flow *flows[count];
    for (int i = 0; i < count; i++) flows[i] = flow_make(body, (void *)(intptr_t)(i + 1));
    run_in_turn(flows, count);
}

// MARK: - Entry

static void check_entry(flow *self) {
    EXPECT(self == flow_current);
    EXPECT(strcmp(self->argument, "argument") == 0);
    // A compiler that believes the calling convention puts this where a vector may be stored.
    _Alignas(16) volatile char aligned[16] = {0};
    EXPECT((uintptr_t)aligned % 16 == 0);
    EXPECT((uintptr_t)__builtin_frame_address(0) % 16 == 0);
    // flow_entry's frame is the last one: a walk along the frame pointers ends there.
    void **caller = *(void ***)__builtin_frame_address(0);
    EXPECT(caller != NULL && *caller == NULL);
}

static void test_entry(void) {
    flow *entered = flow_make(check_entry, "argument");
    flow_switch(entered);
    flow_free(entered);
}

// MARK: - Registers

static void switch_home(void *unused) {
    (void)unused;
    flow_switch(&flow_main);
}

static void check_registers(flow *self) {
    uint64_t values[register_count];
    for (int round = 0; round < 2000; round++) {
        for (int i = 0; i < register_count; i++) {
            values[i] = stirred((uint64_t)(intptr_t)self->argument * 1000003 + (uint64_t)(round * 64 + i));
        }
        EXPECT(registers_changed_by(values, switch_home, NULL) == 0);
    }
}

static void test_registers(void) { run_many(5, check_registers); }

// Values that a compiler may keep in any register, live over a switch that is inlined between their uses.
static void check_live_values(flow *self) {
    const double seed = (double)(intptr_t)self->argument;
    double a = seed, b = seed + 1, c = seed + 2, d = seed + 3, e = seed + 4, f = seed + 5, g = seed + 6, h = seed + 7;
    long double wide = seed / 3, wider = seed / 7;
    uint64_t m = (uint64_t)seed, n = m + 1, o = m + 2, p = m + 3, q = m + 4, r = m + 5;
    for (int round = 0; round < 2000; round++) {
        flow_switch(&flow_main);
        a += 1, b += 1, c += 1, d += 1, e += 1, f += 1, g += 1, h += 1;
        wide += 1, wider += 1;
        m += 1, n += 2, o += 3, p += 4, q += 5, r += 6;
    }
    EXPECT(a == seed + 2000 && b == seed + 2001 && c == seed + 2002 && d == seed + 2003);
    EXPECT(e == seed + 2004 && f == seed + 2005 && g == seed + 2006 && h == seed + 2007);
    EXPECT(fabsl(wide - (long double)seed / 3 - 2000) < 1e-6 && fabsl(wider - (long double)seed / 7 - 2000) < 1e-6);
    EXPECT(m == (uint64_t)seed + 2000 && n == (uint64_t)seed + 4001 && o == (uint64_t)seed + 6002);
    EXPECT(p == (uint64_t)seed + 8003 && q == (uint64_t)seed + 10004 && r == (uint64_t)seed + 12005);
}

static void test_live_values(void) { run_many(7, check_live_values); }

// MARK: - Frames

// An array whose length is not known and an aligned one: the compiler needs a second register to find its frame.
static void check_odd_frame(flow *self) {
    const int length = 10 + (int)(intptr_t)self->argument;
    for (int round = 0; round < 200; round++) {
        _Alignas(64) volatile uint64_t aligned[8];
        volatile uint64_t array[length + round % 7];
        EXPECT((uintptr_t)aligned % 64 == 0);
        for (int i = 0; i < 8; i++) aligned[i] = stirred((uint64_t)(length + i));
        for (int i = 0; i < length; i++) array[i] = stirred((uint64_t)(length * round + i));
        flow_switch(&flow_main);
        for (int i = 0; i < 8; i++) EXPECT(aligned[i] == stirred((uint64_t)(length + i)));
        for (int i = 0; i < length; i++) EXPECT(array[i] == stirred((uint64_t)(length * round + i)));
    }
}

static void test_odd_frames(void) { run_many(5, check_odd_frame); }

static __attribute__((noinline)) uint64_t descend(flow *self, int depth) {
    volatile uint64_t here = stirred((uint64_t)(intptr_t)self->argument + (uint64_t)depth);
    flow_switch(&flow_main);
    uint64_t below = depth == 0 ? 0 : descend(self, depth - 1);
    flow_switch_call(&flow_main);
    EXPECT(here == stirred((uint64_t)(intptr_t)self->argument + (uint64_t)depth));
    return below + 1;
}

static void check_deep_frames(flow *self) {
    for (int round = 0; round < 5; round++) EXPECT(descend(self, 150) == 151);
}

static void test_deep_frames(void) { run_many(4, check_deep_frames); }

// MARK: - Many

static void check_alive(flow *self) {
    uint64_t number = (uint64_t)(intptr_t)self->argument, sum = 0;
    for (int round = 0; round < 3; round++) {
        sum += stirred(number + (uint64_t)round);
        flow_switch(&flow_main);
    }
    EXPECT(sum == stirred(number) + stirred(number + 1) + stirred(number + 2));
}

static void test_thousands(void) {
    for (int round = 0; round < 5; round++) run_many(1000, check_alive);
}

// Flows that switch to each other, not to the program's stack, in an order that nobody can predict.
enum { crowd_size = 64, crowd_turns = 20000 };
static flow *crowd[crowd_size];
static int turns_left;

static void check_crowd(flow *self) {
    const uint64_t number = (uint64_t)(intptr_t)self->argument;
    volatile uint64_t own[4] = {stirred(number), stirred(number + 1), stirred(number + 2), stirred(number + 3)};
    while (turns_left > 0) {
        flow *next = crowd[stirred((uint64_t)turns_left--) % crowd_size];
        if (next != self) flow_switch(next);
        EXPECT(flow_current == self);
        for (uint64_t i = 0; i < 4; i++) EXPECT(own[i] == stirred(number + i));
    }
}

static void test_crowd(void) {
    turns_left = crowd_turns;
    for (int i = 0; i < crowd_size; i++) crowd[i] = flow_make(check_crowd, (void *)(intptr_t)(i + 1));
    run_in_turn(crowd, crowd_size);
}

// MARK: - Exceptions

static stack_exceptions exceptions;

// In every other flow an exception is being handled, and a second one is on its way.
static void check_exceptions(flow *self) {
    const uint64_t number = (uint64_t)(intptr_t)self->argument;
    for (int round = 0; round < 200; round++) {
        EXPECT(exceptions.caught == NULL && exceptions.uncaught == 0);
        const bool is_handling = number % 2 == 0;
        if (is_handling) exceptions = (stack_exceptions){self, (unsigned)number};
        flow_switch(&flow_main);
        EXPECT(exceptions.caught == (is_handling ? self : NULL) && exceptions.uncaught == (is_handling ? number : 0));
        exceptions = (stack_exceptions){0};
    }
}

static void test_exceptions(void) {
    stack_exceptions *const former = thread_exceptions;
    thread_exceptions = &exceptions;
    run_many(7, check_exceptions);
    EXPECT(exceptions.caught == NULL && exceptions.uncaught == 0);
    thread_exceptions = former;
}

// MARK: - Guard

static void overflow(flow *self) {
    volatile char *guard = (char *)self->region + stack_page_size() - 1;
    *guard = 1;
}

static void test_guard(void) {
    fflush(stdout);
    pid_t child = fork();
    EXPECT(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        flow_switch(flow_make(overflow, NULL));
        _exit(0);
    }
    int status = 0;
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static atomic_int arrived, may_leave;

static void wait_there(void) {
    atomic_fetch_add(&arrived, 1);
    while (!may_leave) sched_yield();
    atomic_fetch_sub(&arrived, 1);
}

static void *wait_for_program(void *unused) {
    wait_there();
    return unused;
}

static void wait_for(int count) {
    while (arrived != count) sched_yield();
}

// The library's own threads are not the program's.
static void test_thread_count(void) {
    // An emulator has threads, too.
    const int before = thread_count_of_program();
    EXPECT(thread_start(wait_there) == 0 && thread_start(wait_there) == 0);
    wait_for(2);
    EXPECT(thread_count_of_program() == before);
    pthread_t other;
    EXPECT(pthread_create(&other, NULL, wait_for_program, NULL) == 0);
    wait_for(3);
    EXPECT(thread_count_of_program() == before + 1);
    may_leave = 1;
    EXPECT(pthread_join(other, NULL) == 0);
    wait_for(0);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);  // a crash loses what is still in a buffer
    const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"argument, alignment and end of the frame chain at entry", test_entry},
        {"callee-saved registers", test_registers},
        {"live values over inlined switches", test_live_values},
        {"frames of unknown size", test_odd_frames},
        {"deep frames", test_deep_frames},
        {"thousands of stacks", test_thousands},
        {"a crowd in random order", test_crowd},
        {"exceptions that are being handled", test_exceptions},
        {"frames of a parked flow, with names", test_backtrace},
        {"frames that are none", test_garbage_in_frames},
        {"the nearest frame when the register tells nothing", test_nearest_frame},
        {"files and lines", test_lines},
        {"broken files and lines", test_broken_lines},
        {"how much of a stack was used", test_stack_marks},
        {"threads of the program", test_thread_count},
        {"the guard", test_guard},
    };
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        tests[i].run();
        printf("  passed: %s\n", tests[i].name);
    }
    return 0;
}
