// Tests of looking at stacks.
#ifndef BACKTRACE_H
#define BACKTRACE_H

void test_backtrace(void);
void test_garbage_in_frames(void);
void test_nearest_frame(void);
void test_lines(void);
void test_broken_lines(void);
void test_stack_marks(void);

#endif
