#include "jobs.hpp"

static __attribute__((noinline)) long yieldDeep(long depth) {
    if (depth == 0) {
        boost::this_fiber::yield();
        return 0;
    }
    long below = yieldDeep(depth - 1);
    // Keeps this a real call with a return.
    asm volatile("" : "+r"(below));
    return below + 1;
}

template <typename Yield> static Reading measureYield(long count, long size, Yield yield) {
    long done = 0;
    bool started = false;
    Clock::time_point start, stop;
    std::vector<boost::fibers::fiber> fibers;
    for (long n = 0; n < size; n++) {
        fibers.emplace_back([&] {
            // Everybody has run once before the measurement starts.
            boost::this_fiber::yield();
            if (!std::exchange(started, true)) start = Clock::now();
            for (long turn = 0; turn < count / size; turn++) done += yield() + 1;
            stop = Clock::now();
        });
    }
    for (auto &fiber : fibers) fiber.join();
    check(done, count);
    return {stop - start};
}

Reading yield(long count, long size) {
    return measureYield(count, size, [] {
        boost::this_fiber::yield();
        return 0L;
    });
}

Reading deepYield(long count, long) {
    return measureYield(count, 2, [] { return yieldDeep(6) - 6; });
}
