import Benchmark
import Channels
import Tasklets

func channelBenchmarks() {
    measureRun("message, stream from one tasklet to another") { operations in
        let numbers = Channel<Int>()
        Tasklet { for n in 0..<operations { try numbers.send(n) } }
        Tasklet { for _ in 0..<operations { blackHole(try numbers.receive()) } }
    }

    measureRun("message, stream of strings") { operations in
        let lines = Channel<String>()
        let line = "a string that is too long to be kept without an allocation"
        Tasklet { for _ in 0..<operations { try lines.send(line) } }
        Tasklet { for _ in 0..<operations { blackHole(try lines.receive()) } }
    }

    measureRun("message, ping-pong over two channels") { operations in
        let there = Channel<Int>()
        let back = Channel<Int>()
        Tasklet {
            for n in 0..<operations / 2 {
                try there.send(n)
                blackHole(try back.receive())
            }
        }
        Tasklet {
            for _ in 0..<operations / 2 { try back.send(try there.receive()) }
        }
    }

    measureRun("message, round a ring of 1000 tasklets") { operations in
        let channels = (0..<1000).map { _ in Channel<Int>() }
        for (index, inbox) in channels.enumerated() {
            let outbox = channels[(index + 1) % channels.count]
            Tasklet {
                // Whoever gets 0 ends; run() returns then, since the others wait for a message that never comes.
                while case let left = try inbox.receive(), left > 0 { try outbox.send(left - 1) }
            }
        }
        Tasklet { try channels[0].send(operations) }
    }

    measureRun("message, 100 senders to one receiver") { operations in
        let numbers = Channel<Int>()
        for _ in 0..<100 {
            Tasklet { for n in 0..<operations / 100 { try numbers.send(n) } }
        }
        Tasklet { for _ in 0..<operations { blackHole(try numbers.receive()) } }
    }

    for count in [10, 1000, 100_000] {
        broadcastBenchmark(receivers: count)
    }
}

/// Tasklets that wait, each at a channel of its own, get a message each, round after round.
private func broadcastBenchmark(receivers: Int) {
    Benchmark("message, to each of \(receivers) parked", configuration: wallClock(.mega)) { benchmark in
        try Scheduler.scope {
            let channels = (0..<receivers).map { _ in Channel<Int>() }
            for channel in channels {
                Tasklet { while true { blackHole(try channel.receive()) } }
            }
            try Tasklet.run()
            benchmark.startMeasurement()
            for round in 0..<benchmark.scaledIterations.count / receivers {
                for channel in channels { try channel.send(round) }
            }
            try Tasklet.run()
            benchmark.stopMeasurement()
        }
    }
}
