#include "CTestFunctions.h"

#include <malloc.h>

long bytes_allocated(void) {
    struct mallinfo2 information = mallinfo2();
    return (long)(information.uordblks + information.hblkhd);
}
