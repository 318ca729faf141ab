#include "flow.h"

#include <stdio.h>
#include <stdlib.h>

flow flow_main;
flow *flow_current = &flow_main;

static void flow_entry(void *argument) {
    flow *self = argument;
    self->body(self);
    self->has_ended = true;
    flow_switch(&flow_main);
    fail(__FILE__, __LINE__, "an ended flow is not resumed");
}

flow *flow_make(void (*body)(flow *self), void *argument) {
    flow *made = calloc(1, sizeof *made);
    EXPECT(made != NULL);
    made->region = stack_region_map(flow_stack_size, false);
    EXPECT(made->region != NULL);
    EXPECT(stack_open((char *)made->region + stack_page_size(), flow_stack_size - stack_page_size()));
    made->body = body;
    made->argument = argument;
    made->context = stack_prepare((char *)made->region + flow_stack_size, flow_entry, made);
    return made;
}

void flow_free(flow *ended) {
    EXPECT(ended->has_ended);
    stack_region_unmap(ended->region, flow_stack_size);
    free(ended);
}

void flow_switch_call(flow *target) { flow_switch(target); }

void fail(const char *file, int line, const char *expectation) {
    fflush(stdout);
    fprintf(stderr, "%s:%d: expected: %s\n", file, line, expectation);
    abort();
}
