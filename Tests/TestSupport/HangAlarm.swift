import Dispatch
private import Glibc
package import Testing

/// How many seconds a test may take at most. Planted faults make tests hang on purpose: `Tests/Faults/run` sets a shorter time.
private func limit(elseAfter seconds: UInt32) -> UInt32 {
    getenv("HANG_ALARM").flatMap { UInt32(String(cString: $0)) } ?? seconds
}

/// Ends the process, which is one of an exit test, if that hangs. On a machine that is busy with much else a sound test may take
/// minutes.
package func setHangAlarm() {
    alarm(limit(elseAfter: 600))
}

/// Ends the process of all tests, and says so, when a test of the suite hangs: a thread that is blocked cannot be stopped
/// otherwise.
///
/// ```swift
/// @Suite(.hangAlarm) struct SocketTests { … }
/// ```
package struct HangAlarm: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    /// Longer than for a process of its own: a test that has waited for one goes on only when others have left a thread for it.
    private static let seconds = Int(limit(elseAfter: 1800))

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let name = "\(test.name) (\(test.sourceLocation.fileID):\(test.sourceLocation.line))"
        // Of a queue of its own: those of the system may wait for a thread that hangs.
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "hang alarm"))
        timer.setEventHandler {
            fatalError("\(name) has not ended after \(Self.seconds) s: it hangs.")
        }
        timer.schedule(deadline: .now() + .seconds(Self.seconds))
        timer.resume()
        defer { timer.cancel() }
        try await function()
    }
}

extension Trait where Self == HangAlarm {
    package static var hangAlarm: HangAlarm { HangAlarm() }
}
