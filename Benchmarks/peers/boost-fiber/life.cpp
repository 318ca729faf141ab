#include "jobs.hpp"

#include <unistd.h>

using boost::fibers::fiber;

Reading create(long count, long) {
    boost::fibers::pooled_fixedsize_stack stacks;
    long ended = 0;
    auto start = Clock::now();
    for (long n = 0; n < count; n++) fiber(std::allocator_arg, stacks, [&] { ended++; }).join();
    auto time = Clock::now() - start;
    check(ended, count);
    return {time};
}

/// Parking is waiting for a condition, waking is notifying it.
Reading park(long count, long) {
    boost::fibers::mutex lock;
    boost::fibers::condition_variable condition;
    bool isAwake = false;
    long woken = 0;
    auto start = Clock::now();
    fiber sleeper([&] {
        std::unique_lock<boost::fibers::mutex> held(lock);
        while (woken < count) {
            condition.wait(held, [&] { return isAwake; });
            isAwake = false;
            woken++;
        }
    });
    boost::this_fiber::yield();
    for (long n = 0; n < count; n++) {
        {
            std::unique_lock<boost::fibers::mutex> held(lock);
            isAwake = true;
        }
        condition.notify_one();
        while (isAwake) boost::this_fiber::yield();
    }
    sleeper.join();
    auto time = Clock::now() - start;
    check(woken, count);
    return {time};
}

static long residentBytes() {
    long all = 0, resident = 0;
    if (FILE *file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%ld %ld", &all, &resident) != 2) resident = 0;
        std::fclose(file);
    }
    return resident * sysconf(_SC_PAGESIZE);
}

Reading parked(long count, long) {
    Channel<long> never;
    long ended = 0, before = residentBytes();
    auto start = Clock::now();
    std::vector<fiber> fibers;
    for (long n = 0; n < count; n++) {
        fibers.emplace_back([&] {
            long value;
            while (never.pop(value) == boost::fibers::channel_op_status::success) {}
            ended++;
        });
    }
    boost::this_fiber::yield();
    long bytes = residentBytes() - before;
    never.close();
    for (auto &fiber : fibers) fiber.join();
    auto time = Clock::now() - start;
    check(ended, count);
    return {time, bytes / count};
}
