#define _GNU_SOURCE
#include "children.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/// Of `waitid`; a system's headers may be older than its kernel.
static const idtype_t by_descriptor = (idtype_t)3;

static size_t list_texts(const char *texts, int count, char **list) {
    for (int i = 0; i < count; i++) {
        list[i] = (char *)texts;
        texts += strlen(texts) + 1;
    }
    return (size_t)count;
}

static bool names_same(const char *one, const char *other) {
    size_t length = strcspn(one, "=");
    return length == strcspn(other, "=") && strncmp(one, other, length) == 0;
}

/// The environment of a child: a list to be freed.
static char **make_environment(const child_call *call) {
    size_t own = 0;
    if (call->keeps_environment) while (environ && environ[own]) own++;
    char **list = calloc((size_t)call->environment_count + own + 1, sizeof *list);
    if (!list) return NULL;
    size_t given = list_texts(call->environment, call->environment_count, list);
    size_t count = given;
    for (size_t i = 0; i < own; i++) {
        bool is_given = false;
        for (size_t j = 0; j < given && !is_given; j++) is_given = names_same(list[j], environ[i]);
        if (!is_given) list[count++] = environ[i];
    }
    return list;
}

/// The three descriptors of a child are set one after the other: none of them may lie where another one is to be set.
static int moved_away(int descriptor, int *copy) {
    *copy = -1;
    if (descriptor < 0 || descriptor > 2) return descriptor;
    *copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    return *copy < 0 ? -errno - 1000 : *copy;
}

static int add_stream(posix_spawn_file_actions_t *actions, int descriptor, int number) {
    if (descriptor == child_inherits) return 0;
    if (descriptor == child_null) {
        return posix_spawn_file_actions_addopen(actions, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0);
    }
    return posix_spawn_file_actions_adddup2(actions, descriptor, number);
}

static int set_up_files(posix_spawn_file_actions_t *actions, const child_call *call, const int streams[3]) {
    int error = 0;
    for (int number = 0; number < 3 && !error; number++) error = add_stream(actions, streams[number], number);
    if (!error && call->folder) error = posix_spawn_file_actions_addchdir_np(actions, call->folder);
    if (!error) error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    return error;
}

static int set_up_attributes(posix_spawnattr_t *attributes, bool has_group) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (has_group ? POSIX_SPAWN_SETPGROUP : 0);
    int error = posix_spawnattr_setflags(attributes, flags);
    if (!error) error = posix_spawnattr_setsigmask(attributes, &none);
    if (!error) error = posix_spawnattr_setsigdefault(attributes, &all);
    if (!error) error = posix_spawnattr_setpgroup(attributes, 0);
    return error;
}

static int start(const child_call *call, const int streams[3], char **arguments, char **environment, pid_t *number) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = set_up_files(&actions, call, streams);
        if (!error) error = set_up_attributes(&attributes, call->has_group);
        if (!error) error = posix_spawnp(number, arguments[0], &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int child_start(const child_call *call, int *number) {
    int streams[3] = {call->input, call->output, call->errors};
    int copies[3] = {-1, -1, -1};
    char **arguments = calloc((size_t)call->argument_count + 1, sizeof *arguments);
    char **environment = make_environment(call);
    int error = arguments && environment ? 0 : ENOMEM;
    for (int i = 0; i < 3 && !error; i++) {
        streams[i] = moved_away(streams[i], &copies[i]);
        if (streams[i] <= -1000) error = -(streams[i] + 1000);
    }
    pid_t child = 0;
    if (!error) {
        list_texts(call->arguments, call->argument_count, arguments);
        error = start(call, streams, arguments, environment, &child);
    }
    for (int i = 0; i < 3; i++) if (copies[i] >= 0) close(copies[i]);
    free(arguments);
    free(environment);
    if (error) return -error;
    int process = (int)syscall(SYS_pidfd_open, child, 0);
    if (process >= 0) {
        *number = child;
        return process;
    }
    error = errno;
    // It cannot be watched: it does not stay.
    child_abandon(child);
    return -error;
}

void child_abandon(int number) {
    kill(number, SIGKILL);
    while (waitpid(number, NULL, 0) < 0 && errno == EINTR) {}
}

int child_take_end(int process, int group, int *code, bool *was_signalled) {
    siginfo_t info = {0};
    int result;
    if (group > 0) {
        do result = waitid(by_descriptor, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT);
        while (result < 0 && errno == EINTR);
        if (result < 0) return -errno;
        if (info.si_pid == 0) return 0;
        kill(-group, SIGKILL);
    }
    info.si_pid = 0;
    do result = waitid(by_descriptor, (id_t)process, &info, WEXITED | WNOHANG);
    while (result < 0 && errno == EINTR);
    if (result < 0) return -errno;
    if (info.si_pid == 0) return 0;
    *code = info.si_status;
    *was_signalled = info.si_code != CLD_EXITED;
    return 1;
}

int child_signal(int process, int group, int signal) {
    int result = group > 0 ? kill(-group, signal) : (int)syscall(SYS_pidfd_send_signal, process, signal, NULL, 0);
    return result < 0 && errno != ESRCH ? -errno : 0;
}

bool child_wait(int process, int64_t nanoseconds) {
    struct pollfd polled = {.fd = process, .events = POLLIN};
    int count;
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    int64_t left = nanoseconds;
    do {
        count = poll(&polled, 1, (int)(left / 1000000));
        clock_gettime(CLOCK_MONOTONIC, &now);
        left = nanoseconds - ((now.tv_sec - begin.tv_sec) * 1000000000LL + now.tv_nsec - begin.tv_nsec);
    } while (count < 0 && errno == EINTR && left > 0);
    return count > 0;
}
