// Three functions sleep for 2, 1 and 0 seconds, all at the same time. On a virtual clock, so the program ends at once;
// with --real it takes two seconds.

import Tasklets

func foo() throws {
    print("foo1")
    try Tasklet.sleep(for: .seconds(2))
    print("foo2")
}

func bar() throws {
    print("bar1")
    try Tasklet.sleep(for: .seconds(1))
    print("bar2")
}

func func3() throws {
    print("func1")
    try Tasklet.sleep(for: .zero)
    print("func2")
}

let isReal = CommandLine.arguments.contains("--real")

try Scheduler.scope(clock: isReal ? .monotonic : .virtual) {
    for function in [foo, bar, func3] { Tasklet { try function() } }
    let elapsed = try Scheduler.current.clock.measure { try Tasklet.runUntilDone() }
    print(elapsed)
}
