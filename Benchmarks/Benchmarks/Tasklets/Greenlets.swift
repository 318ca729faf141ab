import Benchmark
import Greenlets
import Tasklets

func greenletBenchmarks() {
    Benchmark("greenlet, switch", configuration: wallClock(.mega)) { benchmark in
        try Scheduler.scope {
            let main = Greenlet<Int>.current
            let echo = Greenlet<Int> { value in
                var value = value
                while true { value = try main.switch(value) }
            }
            try echo.switch(0)
            benchmark.startMeasurement()
            for turn in 0..<benchmark.scaledIterations.count / 2 { blackHole(try echo.switch(turn)) }
            benchmark.stopMeasurement()
        }
    }

    Benchmark("greenlet, create, run, end", configuration: wallClock(.mega)) { benchmark in
        try Scheduler.scope {
            benchmark.startMeasurement()
            for turn in benchmark.scaledIterations { blackHole(try Greenlet<Int> { $0 }.switch(turn)) }
            benchmark.stopMeasurement()
        }
    }

    Benchmark("generator, element", configuration: wallClock(.mega)) { benchmark in
        let count = benchmark.scaledIterations.count
        let numbers = Generator<Int> { yield in for number in 0..<count { try yield(number) } }
        benchmark.startMeasurement()
        for number in numbers { blackHole(number) }
        benchmark.stopMeasurement()
    }

    let dropped = Benchmark.Configuration(
        metrics: [.wallClock, .peakMemoryResident],
        timeUnits: .nanoseconds,
        warmupIterations: 1,
        scalingFactor: .mega,
        maxDuration: .seconds(5),
        maxIterations: 5
    )
    Benchmark("generator, dropped half-way", configuration: dropped) { benchmark in
        let numbers = Generator<Int> { yield in while true { try yield(1) } }
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            for number in numbers {
                blackHole(number)
                break
            }
        }
        benchmark.stopMeasurement()
    }
}
