import Benchmark
import Channels
import Tasklets

func lifeBenchmarks() {
    measureRun("create, run, end") { operations in
        Tasklet {
            for _ in 0..<operations {
                Tasklet {}
                try Tasklet.schedule()
            }
        }
    }

    measureRun("park and wake") { operations in
        let sleeper = Tasklet {
            for _ in 0..<operations { try Tasklet.scheduleRemove() }
        }
        Tasklet {
            for _ in 0..<operations {
                try sleeper.insert()
                try Tasklet.schedule()
            }
        }
    }

    Benchmark("kill a blocked tasklet", configuration: wallClock(.kilo)) { benchmark in
        try Scheduler.scope {
            let never = Channel<Int>()
            let tasklets = benchmark.scaledIterations.map { _ in Tasklet { _ = try never.receive() } }
            try Tasklet.run()
            benchmark.startMeasurement()
            for tasklet in tasklets { try tasklet.kill() }
            benchmark.stopMeasurement()
        }
    }

    let manyBlocked = Benchmark.Configuration(
        metrics: [.wallClock, .peakMemoryResident],
        timeUnits: .milliseconds,
        warmupIterations: 0,
        maxDuration: .seconds(10),
        maxIterations: 5
    )
    Benchmark("make 100000 tasklets and block them all", configuration: manyBlocked) { benchmark in
        try Scheduler.scope {
            let never = Channel<Int>()
            benchmark.startMeasurement()
            for _ in 0..<100_000 {
                Tasklet { _ = try never.receive() }
            }
            try Tasklet.run()
            benchmark.stopMeasurement()
            precondition(never.balance == -100_000)
        }
    }
}
