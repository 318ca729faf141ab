import Foundation
import Testing

/// What a function that is offloaded may use: nothing that belongs to a scheduler. The compiler sees to it.
struct OffloadBodyTests {
    @Test func whatBelongsToASchedulerDoesNotGetThere() throws {
        let folder = try Folder()
        try folder.write(
            """
            import Hub
            import Tasklets
            func f(_ scheduler: Scheduler, _ connection: TCPConnection, _ number: Int) throws {
                _ = try offload { number + 1 }
                _ = try offload { scheduler.runQueue.count }
                _ = try offload { connection.remoteAddress }
                _ = try offload { Scheduler.current }
            }

            """,
            to: "body.swift"
        )
        let result = try folder.typecheck("body.swift")
        let errors = result.errors.matches(of: #/(?m)^body\.swift:(\d+):\d+: error: (.*)$/#)
        #expect(Set(errors.map { String($0.1) }) == ["5", "6", "7"], "\(result.text)")
        for error in errors { #expect(error.2.contains("Sendable"), "\(error.2)") }
    }
}
