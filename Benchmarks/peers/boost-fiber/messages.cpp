#include "jobs.hpp"

#include <string>

using boost::fibers::fiber;

Reading stream(long count, long) {
    Channel<long> numbers;
    auto start = Clock::now();
    fiber sender([&] { for (long n = 0; n < count; n++) numbers.push(n); });
    long sum = 0;
    for (long n = 0; n < count; n++) sum += receive(numbers);
    auto time = Clock::now() - start;
    sender.join();
    check(sum, sumBelow(count));
    return {time};
}

Reading string(long count, long) {
    // Shared, since a std::string would be copied with an allocation for each message.
    using Line = std::shared_ptr<const std::string>;
    Channel<Line> lines;
    Line line = std::make_shared<const std::string>("forty characters that lie on the heap...");
    auto start = Clock::now();
    fiber sender([&] { for (long n = 0; n < count; n++) lines.push(line); });
    long sum = 0;
    for (long n = 0; n < count; n++) sum += receive(lines)->size();
    auto time = Clock::now() - start;
    sender.join();
    check(sum, 40 * count);
    return {time};
}

Reading pingPong(long count, long) {
    Channel<long> there, back;
    auto start = Clock::now();
    fiber partner([&] { for (long n = 0; n < count / 2; n++) back.push(receive(there) + 1); });
    long sum = 0;
    for (long n = 0; n < count / 2; n++) {
        there.push(n);
        sum += receive(back);
    }
    auto time = Clock::now() - start;
    partner.join();
    check(sum, sumBelow(count / 2) + count / 2);
    return {time};
}

Reading ring(long count, long size) {
    std::vector<std::unique_ptr<Channel<long>>> channels;
    for (long n = 0; n < size; n++) channels.push_back(std::make_unique<Channel<long>>());
    Channel<long> end;
    long passed = 0;
    for (long n = 0; n < size; n++) {
        fiber([&, inbox = channels[n].get(), outbox = channels[(n + 1) % size].get()] {
            while (true) {
                long left = receive(*inbox);
                if (left == 0) break;
                passed++;
                outbox->push(left - 1);
            }
            end.push(0);
        }).detach();
    }
    boost::this_fiber::yield();
    auto start = Clock::now();
    channels[0]->push(count);
    receive(end);
    auto time = Clock::now() - start;
    check(passed, count);
    // The others wait for ever.
    for (auto &channel : channels) channel.release();
    return {time};
}

Reading fanIn(long count, long size) {
    Channel<long> numbers;
    auto start = Clock::now();
    std::vector<fiber> senders;
    for (long n = 0; n < size; n++) {
        senders.emplace_back([&] { for (long turn = 0; turn < count / size; turn++) numbers.push(turn); });
    }
    long sum = 0;
    for (long n = 0; n < count; n++) sum += receive(numbers);
    auto time = Clock::now() - start;
    for (auto &sender : senders) sender.join();
    check(sum, size * sumBelow(count / size));
    return {time};
}

Reading broadcast(long count, long size) {
    std::vector<std::unique_ptr<Channel<long>>> channels;
    for (long n = 0; n < size; n++) channels.push_back(std::make_unique<Channel<long>>());
    std::vector<fiber> receivers;
    long rounds = count / size, sum = 0, received = 0;
    auto stop = Clock::now();
    for (auto &channel : channels) {
        receivers.emplace_back([&, channel = channel.get()] {
            long value;
            while (channel->pop(value) == boost::fibers::channel_op_status::success) {
                sum += value;
                if (++received == count) stop = Clock::now();
            }
        });
    }
    boost::this_fiber::yield();
    auto start = Clock::now();
    for (long round = 1; round <= rounds; round++) {
        for (auto &channel : channels) channel->push(round);
    }
    for (auto &channel : channels) channel->close();
    for (auto &receiver : receivers) receiver.join();
    check(sum, size * (sumBelow(rounds) + rounds));
    return {stop - start};
}
