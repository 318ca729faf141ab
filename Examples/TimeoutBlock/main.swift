// A block around a long sleep that has two seconds, and an error of its own for when they are over. Blocks may be nested:
// the error of the outer one passes through the inner one.

import Tasklets

struct TooLong: Error {}

try Scheduler.scope(clock: .virtual) {
    let start = Scheduler.current.now

    do {
        try withTimeout(.seconds(2), throwing: TooLong()) {
            try Tasklet.sleep(for: .seconds(10))
            print("never printed")
        }
    } catch is TooLong {
        print("too long, after", start.duration(to: Scheduler.current.now))
    }

    let outcome = try withTimeout(.seconds(3), orElse: "the outer block") {
        try withTimeout(.seconds(5), orElse: "the inner block") {
            try Tasklet.sleep(for: .seconds(10))
            return "the sleep"
        }
    }
    print(outcome, "has ended, after", start.duration(to: Scheduler.current.now))
}
