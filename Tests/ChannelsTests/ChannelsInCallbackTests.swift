import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// Channels used where nothing may block: inside the schedule callback.
struct ChannelsInCallbackTests {
    /// The next tasklet is alone in the ring and nobody waits in run(): blocking would be a deadlock. It must not
    /// be the next tasklet that is put into the channel's line.
    @Test func receivingThrows() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            try Scheduler.scope {
                let empty = Channel<Int>(name: "empty")
                let values = Channel<Int>(name: "values")
                var errors: [String] = []
                Tasklet(name: "worker") {
                    for n in 0..<3 { try values.send(n) }
                }
                Scheduler.current.scheduleCallback = { _, _ in
                    do {
                        _ = try empty.receive()
                    } catch {
                        errors.append("\(error)")
                    }
                }
                var received: [Int] = []
                for _ in 0..<3 { received.append(try values.receive()) }
                Scheduler.current.scheduleCallback = nil
                #expect(received == [0, 1, 2])
                #expect(Set(errors) == ["\(TaskletError.switchTrap)"])
                #expect(empty.balance == 0)
            }
        }
    }

    /// The same on a channel that a sleeping thread could be woken by.
    @Test func receivingFromASharedChannelThrows() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            try Scheduler.scope {
                let empty = Channel<Int>(name: "empty")
                let values = Channel<Int>(name: "values")
                empty.share()
                Tasklet(name: "worker") {
                    for n in 0..<3 { try values.send(n) }
                }
                Scheduler.current.scheduleCallback = { _, _ in _ = try? empty.receive() }
                var received: [Int] = []
                for _ in 0..<3 { received.append(try values.receive()) }
                Scheduler.current.scheduleCallback = nil
                #expect(received == [0, 1, 2])
                #expect(empty.balance == 0)
            }
        }
    }
}
