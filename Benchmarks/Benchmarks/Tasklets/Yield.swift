import Benchmark
import Tasklets

func yieldBenchmarks() {
    for count in [2, 1000, 10000] {
        measureRun("yield, \(count) tasklets") { operations in
            for _ in 0..<count {
                Tasklet {
                    for _ in 0..<operations / count { try Tasklet.schedule() }
                }
            }
        }
    }

    measureRun("yield from six frames deep, 2 tasklets") { operations in
        for _ in 0..<2 {
            Tasklet {
                for _ in 0..<operations / 2 { blackHole(try yieldDeep(6)) }
            }
        }
    }
}

/// Gives way inside that many calls, and comes back out of them.
@inline(never)
private func yieldDeep(_ depth: Int) throws -> Int {
    if depth == 0 {
        try Tasklet.schedule()
        return 0
    }
    // The addition keeps this a real call with a return.
    return try yieldDeep(depth - 1) + 1
}
