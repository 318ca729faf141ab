// Asks an echo server on the loopback interface. Prints: answers a second, and the microseconds that half of the answers, and
// 99 of 100, took at most.
//
//   client PORT echo CONNECTIONS SECONDS   each connection sends 64 bytes and waits for them
//   client PORT idle CONNECTIONS SECONDS   they do nothing: the server's memory is looked at meanwhile
//   client PORT short CONNECTIONS SECONDS  so many at a time connect, ask once, and close
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { size = 64, buckets = 1 << 20 };

static struct {
    int descriptor;
    int received;
    int64_t start;
} *connections;
// Of a quarter of a microsecond each.
static uint32_t histogram[buckets];
static uint64_t answers;
static int set, is_short;
static struct sockaddr_in address = {.sin_family = AF_INET};

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void ask(int number) {
    static const char question[size] = "0123456789012345678901234567890123456789012345678901234567890";
    connections[number].start = is_short ? connections[number].start : now();
    connections[number].received = 0;
    if (send(connections[number].descriptor, question, size, MSG_NOSIGNAL) != size) fail("send");
}

static void begin(int number) {
    connections[number].start = now();
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("socket");
    // A server's backlog may be full for a moment.
    while (connect(descriptor, (struct sockaddr *)&address, sizeof address)) {
        if (errno != EAGAIN && errno != EINTR) fail("connect");
    }
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    // Many short connections would use up the ports: a reset leaves none behind.
    if (is_short) setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    connections[number].descriptor = descriptor;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)number};
    if (epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event)) fail("epoll_ctl");
}

static void finish(int number, int64_t time) {
    int64_t bucket = (time - connections[number].start) / 250;
    histogram[bucket < buckets ? bucket : buckets - 1]++;
    answers++;
}

static double percentile(double part) {
    uint64_t sum = 0, wanted = (uint64_t)((double)answers * part);
    for (int i = 0; i < buckets; i++) {
        sum += histogram[i];
        if (sum > wanted) return i * 0.25;
    }
    return buckets * 0.25;
}

int main(int count, char **arguments) {
    if (count != 5) return fprintf(stderr, "usage: client PORT echo|idle|short CONNECTIONS SECONDS\n"), 2;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    address.sin_port = htons((uint16_t)atoi(arguments[1]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_short = !strcmp(arguments[2], "short");
    int number_of_connections = atoi(arguments[3]);
    int64_t nanoseconds = (int64_t)(atof(arguments[4]) * 1e9);
    connections = calloc((size_t)number_of_connections, sizeof *connections);
    set = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < number_of_connections; i++) begin(i);
    // Each is answered once before the clock starts, so that all are accepted.
    int64_t start = 0, end = INT64_MAX;
    int warm = 0;
    if (!strcmp(arguments[2], "idle")) {
        printf("0 0 0\n");
        fflush(stdout);
        usleep((useconds_t)(nanoseconds / 1000));
        return 0;
    }
    for (int i = 0; i < number_of_connections; i++) ask(i);
    struct epoll_event events[256];
    char buffer[4096];
    for (int64_t time = 0; time < end;) {
        int ready = epoll_wait(set, events, 256, 1000);
        time = now();
        for (int i = 0; i < ready; i++) {
            int number = (int)events[i].data.u32;
            ssize_t length = read(connections[number].descriptor, buffer, sizeof buffer);
            if (length <= 0) fail("read");
            connections[number].received += (int)length;
            if (connections[number].received < size) continue;
            if (start == 0) {
                if (++warm == number_of_connections) start = time, end = time + nanoseconds;
            } else {
                finish(number, time);
            }
            if (is_short) {
                close(connections[number].descriptor);
                begin(number);
            }
            ask(number);
        }
    }
    printf("%.1f %.2f %.2f\n", (double)answers / ((double)nanoseconds / 1e9), percentile(0.5), percentile(0.99));
    return 0;
}
