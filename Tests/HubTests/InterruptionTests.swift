import Foundation
import Hub
import Tasklets
import TestSupport
import Testing

/// A signal every few microseconds, which interrupts the calls of the system: none of it comes through to the hub's users.
@Suite(.hangAlarm) struct InterruptionTests {
    @Test func signalsAreNoErrors() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                var action = sigaction()
                action.__sigaction_handler.sa_handler = { _ in }
                sigaction(SIGUSR2, &action, nil)
                let isOver = Locked(false)
                let thread = pthread_self()
                let storm = TestThread {
                    while !isOver.withLock({ $0 }) {
                        pthread_kill(thread, SIGUSR2)
                        usleep(20)
                    }
                }
                try Scheduler.scope {
                    let listener = try TCPListener(on: .loopback, port: 0)
                    let sent = [UInt8](repeating: 3, count: 3_000_000)
                    Tasklet {
                        let caller = try listener.accept()
                        try caller.write(from: caller)
                        caller.close()
                    }
                    let connection = try TCPConnection.connect(to: listener.address)
                    Tasklet {
                        try connection.write(sent)
                        try connection.finishWriting()
                    }
                    let received = try connection.readAll()
                    precondition(received == sent)
                    let sorted = try run("sort", input: "b\na\n").output
                    precondition(sorted == "a\nb\n")
                    let (reader, writer) = try Hub.pipe()
                    Tasklet {
                        try writer.write(sent)
                        writer.close()
                    }
                    let piped = try reader.readAll()
                    precondition(piped == sent)
                    try Tasklet.sleep(for: .milliseconds(5))
                    let number = try offload { 42 }
                    precondition(number == 42)
                }
                isOver.withLock { $0 = true }
                storm.join()
            }
        }
    }
}
