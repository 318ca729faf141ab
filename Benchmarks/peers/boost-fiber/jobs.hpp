#pragma once

#include <boost/fiber/all.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

using Clock = std::chrono::steady_clock;
template <typename Element> using Channel = boost::fibers::unbuffered_channel<Element>;

struct Reading {
    Clock::duration time;
    long bytes = 0;
};

using Job = Reading(long count, long size);
Job yield, deepYield, stream, string, pingPong, ring, fanIn, broadcast, create, park, parked;

/// Every job proves that it has done its work.
void check(long found, long expected);

inline long sumBelow(long count) { return count * (count - 1) / 2; }

template <typename Element> Element receive(Channel<Element> &channel) { return channel.value_pop(); }
