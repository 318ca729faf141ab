import Foundation
import Tasklets
import TestSupport
import Testing

/// What a program does inside a schedule callback, where it must not switch.
struct CallbackTests {
    /// When the callback runs the ring has moved on: its operations must not act for the next tasklet.
    @Test func theNextTaskletsErrorIsNotTakenByTheCallback() throws {
        try Scheduler.scope {
            var wasKilled = false
            let victim = Tasklet(name: "victim") {
                do {
                    try Tasklet.scheduleRemove()
                } catch {
                    wasKilled = true
                    throw error
                }
            }
            try Tasklet.run()
            try victim.kill(pending: true)
            Scheduler.current.scheduleCallback = { _, _ in try? Tasklet.schedule() }
            try Tasklet.run()
            Scheduler.current.scheduleCallback = nil
            #expect(wasKilled)
            #expect(!victim.isAlive)
        }
    }

    @Test func exitInsideTheCallbackEndsTheProgram() async {
        // What the tasklets hold is lost then, which LeakSanitizer reports with an exit code of its own.
        await #expect(processExitsWith: Sanitizer.current == "address" ? .failure : .exitCode(3)) {
            try synchronously {
                setHangAlarm()
                for _ in 0..<3 {
                    Tasklet {
                        try Tasklet.schedule()
                        try Tasklet.schedule()
                    }
                }
                try Tasklet.schedule()
                try Tasklet.schedule()
                Scheduler.current.scheduleCallback = { previous, _ in if !previous.isMain { exit(3) } }
                try Tasklet.run()
            }
        }
    }
}
