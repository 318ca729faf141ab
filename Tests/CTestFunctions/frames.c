#include "CTestFunctions.h"

#include <alloca.h>
#include <string.h>

__attribute__((noinline)) void touch_far_end_of_frame(size_t size) {
    volatile char *lowest = alloca(size);
    for (int i = 0; i < 64; i++) lowest[i] = 1;
}

__attribute__((noinline)) void fill_frame(size_t size) {
    volatile char *lowest = alloca(size);
    for (size_t i = 0; i < size; i++) lowest[i] = 1;
}
