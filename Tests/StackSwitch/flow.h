// A flow of control on a stack of its own: as little as it takes to drive the switch from C.
#ifndef FLOW_H
#define FLOW_H

#include "CTasklets.h"

typedef struct flow {
    stack_context context;
    void *region;
    void (*body)(struct flow *self);
    void *argument;
    bool has_ended;
} flow;

enum { flow_stack_size = 64 * 1024 };

// The flow that runs. `flow_main` stands for the program's own stack.
extern flow *flow_current;
extern flow flow_main;

flow *flow_make(void (*body)(flow *self), void *argument);

// Ends the program if the flow has not ended.
void flow_free(flow *ended);

// Goes on with `target`; returns when somebody switches back. Inline, as it is in a program that uses the library.
static inline void flow_switch(flow *target) {
    flow *me = flow_current;
    flow_current = target;
    stack_switch(&me->context, &target->context);
}

// The same, as a call.
void flow_switch_call(flow *target);

// Says what was expected and ends the program.
_Noreturn void fail(const char *file, int line, const char *expectation);

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) fail(__FILE__, __LINE__, #condition);                                                        \
    } while (0)

#endif
