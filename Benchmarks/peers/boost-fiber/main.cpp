// jobs JOB COUNT [SIZE] prints the nanoseconds that one operation of the job takes.

#include "jobs.hpp"

#include <cstring>
#include <map>
#include <string>

void check(long found, long expected) {
    if (found == expected) return;
    std::fprintf(stderr, "wrong result: %ld, not %ld\n", found, expected);
    std::exit(1);
}

int main(int argc, char **argv) {
    const std::map<std::string, Reading (*)(long, long)> jobs{
        {"yield", yield},     {"deep-yield", deepYield}, {"stream", stream}, {"string", string},
        {"ping-pong", pingPong}, {"ring", ring},         {"fan-in", fanIn},  {"broadcast", broadcast},
        {"create", create},   {"park", park},            {"parked", parked},
    };
    long count = argc > 2 ? std::atol(argv[2]) : 0, size = argc > 3 ? std::atol(argv[3]) : 1;
    auto job = jobs.find(argc > 1 ? argv[1] : "");
    if (job == jobs.end() || count <= 0) {
        std::fprintf(stderr, "usage: jobs JOB COUNT [SIZE]\n");
        return 1;
    }
    Reading reading = job->second(count, size);
    std::printf("%f", std::chrono::duration<double, std::nano>(reading.time).count() / count);
    if (reading.bytes) std::printf(" %ld", reading.bytes);
    std::printf("\n");
    std::fflush(stdout);
    // Fibers that wait for ever are not unwound.
    std::_Exit(0);
}
