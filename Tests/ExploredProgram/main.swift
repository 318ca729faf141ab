// ExploredProgram SEED: looks for an order in which a random program ends otherwise, and prints the schedule and that end. With
// TASKLETS_SCHEDULE in the environment that schedule is run.
// ExploredProgram crash: crashes in the middle of a schedule.

import Exploration
import ExplorationSupport
import Tasklets

let argument = CommandLine.arguments.dropFirst().first ?? ""
if argument == "crash" {
    try explore {
        let order = Shared<[String]>([])
        for name in ["a", "b"] {
            Tasklet(name: name) {
                try interruptionPoint()
                order.value.append(name)
                if order.value == ["b", "a"] { fatalError("in the wrong order") }
            }
        }
        try Tasklet.run()
    }
} else {
    let program = try OrderSensitiveProgram(seed: UInt64(argument)!)
    let found = try explore(.random(seed: 1, runs: 200)) { try program.run() }
    if let failure = found.failures.first {
        print(failure.schedule)
        print(failure.reason)
    }
}
