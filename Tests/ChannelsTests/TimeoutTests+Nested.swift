import Channels
import Tasklets
import TestSupport
import Testing

/// Blocks inside blocks.
extension TimeoutTests {
    @Test func anInnerBlockEndsFirst() throws {
        try virtual {
            let value = try withTimeout(.milliseconds(20), orElse: "outer") {
                let inner = try withTimeout(.milliseconds(10), orElse: "inner") {
                    try Tasklet.sleep(for: .seconds(1))
                    return "none"
                }
                #expect(inner == "inner" && milliseconds() == 10)
                try Tasklet.sleep(for: .milliseconds(9))
                return "well"
            }
            #expect(value == "well" && milliseconds() == 19)
        }
    }

    @Test func theOuterOnePassesThroughTheInner() throws {
        try virtual {
            let value = try withTimeout(.milliseconds(10), orElse: "outer") {
                try withTimeout(.milliseconds(20), orElse: "inner") {
                    try Tasklet.sleep(for: .seconds(1))
                    return "none"
                }
            }
            #expect(value == "outer" && milliseconds() == 10)
        }
    }

    /// Of two that expire together the one that was set first fires first.
    @Test func equalTimesAreTheOuterOnes() throws {
        try virtual {
            let value = try withTimeout(.milliseconds(10), orElse: "outer") {
                try withTimeout(.milliseconds(10), orElse: "inner") {
                    try Tasklet.sleep(for: .seconds(1))
                    return "none"
                }
            }
            #expect(value == "outer")
        }
    }

    @Test func ofTwoThatHaveExpiredTheOuterOneCounts() throws {
        try virtual {
            let value = try withTimeout(.milliseconds(20), orElse: "outer") {
                try withTimeout(.milliseconds(10), orElse: "inner") {
                    try withCancellationShield { try Tasklet.sleep(for: .milliseconds(30)) }
                    try Tasklet.sleep(for: .milliseconds(1))
                    return "none"
                }
            }
            #expect(value == "outer" && milliseconds() == 30)
        }
    }

    /// Both expire before the tasklet has its turn.
    @Test func theOuterOneOvertakesTheErrorOfTheInner() throws {
        try virtual {
            let channel = Channel<Int>()
            var outcome = ""
            Tasklet {
                outcome = try withTimeout(.milliseconds(20), orElse: "outer") {
                    try withTimeout(.milliseconds(10), orElse: "inner") {
                        _ = try channel.receive()
                        return "none"
                    }
                }
            }
            try Tasklet.schedule()
            SchedulerCore.current.jump(to: 30_000_000)
            try Tasklet.run()
            #expect(outcome == "outer")
        }
    }

    @Test func theOuterOneExpiresWhileTheInnerIsHandled() throws {
        try virtual {
            let channel = Channel<Int>()
            var log: [String] = []
            do {
                try withTimeout(.milliseconds(20), throwing: Own(text: "outer")) {
                    do {
                        try withTimeout(.milliseconds(10), throwing: Own(text: "inner")) { _ = try channel.receive() }
                    } catch let error as Own {
                        log.append("\(error.text) at \(milliseconds())")
                        try Tasklet.sleep(for: .milliseconds(15))
                        log.append("not here")
                    }
                }
            } catch let error as Own {
                log.append("\(error.text) at \(milliseconds())")
            }
            #expect(log == ["inner at 10", "outer at 20"])
        }
    }
}
