// A group whose results come in the order in which its children finish. On a virtual clock, so that the order does not depend
// on how busy the machine is.

import Tasklets

let delays = [30, 10, 20]
try Scheduler.scope(clock: .virtual) {
    try withTaskletGroup(of: Int.self) { group in
        for delay in delays {
            try group.add {
                try Tasklet.sleep(for: .milliseconds(delay))
                return delay
            }
        }
        while let delay = try group.next() { print("slept for", delay, "ms") }
    }

    // The same work, with the results in the order of the inputs.
    let names = try delays.concurrentMap { delay in
        try Tasklet.sleep(for: .milliseconds(delay))
        return "\(delay) ms"
    }
    print("in order:", names.joined(separator: ", "))
}
