import Benchmark
import Tasklets

// What the runner looks for. Every figure marked with a star is for one operation.
let benchmarks: @Sendable () -> Void = {
    yieldBenchmarks()
    channelBenchmarks()
    lifeBenchmarks()
    greenletBenchmarks()
}

/// Measures what happens inside `Tasklet.run()`, divided by the number of operations.
///
/// - Parameters:
///   - operations: how many operations the tasklets do together.
///   - prepare: makes the tasklets; not measured.
func measureRun(
    _ name: String,
    operations: BenchmarkScalingFactor = .mega,
    prepare: @escaping (_ operations: Int) throws -> Void
) {
    Benchmark(name, configuration: wallClock(operations)) { benchmark in
        try Scheduler.scope {
            try prepare(operations.rawValue)
            benchmark.startMeasurement()
            try Tasklet.run()
            benchmark.stopMeasurement()
        }
    }
}

func wallClock(_ operations: BenchmarkScalingFactor) -> Benchmark.Configuration {
    .init(
        metrics: [.wallClock],
        timeUnits: .nanoseconds,
        warmupIterations: 1,
        scalingFactor: operations,
        maxDuration: .seconds(2),
        maxIterations: 50
    )
}
