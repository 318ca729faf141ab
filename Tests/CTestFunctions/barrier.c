#define _GNU_SOURCE
#include "CTestFunctions.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static char *page;
static int count;

static void on_fault(int signal, siginfo_t *information, void *context) {
    (void)context;
    count++;
    if (information->si_code <= 0) return;
    const char *address = information->si_addr;
    if (address >= page && address < page + sysconf(_SC_PAGESIZE)) {
        mprotect(page, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE);
        return;
    }
    sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
}

void barrier_install(void) {
    page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) abort();
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
}

char *barrier_page(void) {
    mprotect(page, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE);
    return page;
}

int barrier_count(void) { return count; }
