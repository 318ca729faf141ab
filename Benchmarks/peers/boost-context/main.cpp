// jobs JOB COUNT [SIZE] prints the nanoseconds that one operation of the job takes: the bare switch, without a
// scheduler, channels or a thought about who is next.

#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace context = boost::context;
using Clock = std::chrono::steady_clock;

static context::pooled_fixedsize_stack stacks;

static void check(long found, long expected) {
    if (found == expected) return;
    std::fprintf(stderr, "wrong result: %ld, not %ld\n", found, expected);
    std::exit(1);
}

/// A ring of `size` contexts, this one included: each resumes the next. One operation is one switch.
static double yield(long count, long size) {
    std::vector<context::fiber> ring(size);
    long switches = 0;
    // What comes back is the one that has resumed this one: the one before it in the ring.
    auto step = [&](context::fiber &former, context::fiber &next) {
        switches++;
        former = std::move(next).resume();
    };
    for (long index = 1; index < size; index++) {
        context::fiber &former = ring[index - 1], &next = ring[(index + 1) % size];
        ring[index] = context::fiber(std::allocator_arg, stacks, [&](context::fiber &&resumer) {
            former = std::move(resumer);
            while (true) step(former, next);
            return context::fiber();
        });
    }
    context::fiber &former = ring[size - 1], &next = ring[1 % size];
    step(former, next);
    switches = 0;
    auto start = Clock::now();
    for (long round = 0; round < count / size; round++) step(former, next);
    std::chrono::duration<double, std::nano> time = Clock::now() - start;
    check(switches, count);
    return time.count();
}

/// A context is made, runs and ends.
static double create(long count, long) {
    long ended = 0;
    auto start = Clock::now();
    for (long n = 0; n < count; n++) {
        context::fiber(std::allocator_arg, stacks, [&](context::fiber &&maker) {
            ended++;
            return std::move(maker);
        }).resume();
    }
    std::chrono::duration<double, std::nano> time = Clock::now() - start;
    check(ended, count);
    return time.count();
}

/// `size` contexts that have given way are destroyed, which unwinds their stacks; making them is not measured.
static double kill(long count, long size) {
    struct Cleanup {
        long &count;
        ~Cleanup() { count++; }
    };
    long cleaned = 0;
    std::chrono::duration<double, std::nano> time{};
    for (long round = 0; round < count / size; round++) {
        std::vector<context::fiber> parked;
        for (long n = 0; n < size; n++) {
            parked.push_back(context::fiber(std::allocator_arg, stacks, [&](context::fiber &&maker) {
                Cleanup cleanup{cleaned};
                return std::move(maker).resume();
            }).resume());
        }
        auto start = Clock::now();
        parked.clear();
        time += Clock::now() - start;
    }
    check(cleaned, count);
    return time.count();
}

int main(int argc, char **argv) {
    long count = argc > 2 ? std::atol(argv[2]) : 0, size = argc > 3 ? std::atol(argv[3]) : 1;
    double (*job)(long, long) = nullptr;
    if (count > 0 && !std::strcmp(argv[1], "yield")) job = yield;
    if (count > 0 && !std::strcmp(argv[1], "create")) job = create;
    if (count > 0 && !std::strcmp(argv[1], "greenlet-switch")) job = yield;
    if (count > 0 && !std::strcmp(argv[1], "greenlet-create")) job = create;
    if (count > 0 && !std::strcmp(argv[1], "kill")) job = kill;
    if (!job) {
        std::fprintf(stderr, "usage: jobs yield|create|kill COUNT [SIZE]\n");
        return 1;
    }
    std::printf("%f\n", job(count, size) / count);
    std::fflush(stdout);
    // Contexts that go on for ever are not unwound.
    std::_Exit(0);
}
