// Calls pass at once as long as there are tokens, and then one by one as new tokens come: three to begin with, and two each
// second.

import Channels
import Tasklets

final class RateLimiter {
    private let tokens = Channel<Void>(name: "tokens")
    private let source: Tasklet

    init(burst: Int, perSecond: Int) {
        source = Tasklet(name: "tokens") { [tokens] in
            for _ in 0..<burst { try tokens.send(()) }
            while true {
                try Tasklet.sleep(for: .seconds(1) / perSecond)
                try tokens.send(())
            }
        }
    }

    func pass() throws { try tokens.receive() }

    deinit { source.cancel() }
}

try Scheduler.scope(clock: .virtual) {
    let start = Scheduler.current.now
    let limiter = RateLimiter(burst: 3, perSecond: 2)
    for number in 1...6 {
        try limiter.pass()
        print("call \(number) at \(start.duration(to: Scheduler.current.now))")
    }
}
