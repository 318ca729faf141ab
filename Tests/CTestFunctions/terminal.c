#define _GNU_SOURCE
#include "CTestFunctions.h"

#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

bool terminal_open(int *window, int *program) {
    if (openpty(window, program, NULL, NULL, NULL) != 0) return false;
    // Not for the children of other tests.
    return fcntl(*window, F_SETFD, FD_CLOEXEC) == 0 && fcntl(*program, F_SETFD, FD_CLOEXEC) == 0;
}

const char *terminal_path(int window) { return ptsname(window); }

bool terminal_resize(int window, int columns, int rows) {
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    return ioctl(window, TIOCSWINSZ, &size) == 0;
}

bool terminal_gives_lines(int program) {
    struct termios state;
    return tcgetattr(program, &state) == 0 && state.c_lflag & ICANON && state.c_lflag & ECHO;
}
