import Channels
import Hub
import Sync
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct ServerTests {
    private struct Rude: Error {}

    @Test func eachConnectionHasATasklet() throws {
        try Scheduler.scope {
            let server = Server(on: try TCPListener(on: .loopback, port: 0))
            let served = Tasklet.spawn(name: "server") {
                try server.run { connection in
                    while let line = try connection.readLine() { try connection.write("\(line)!\n") }
                }
            }
            let answers = try (0..<50).concurrentMap(limit: 50) { number in
                let client = try TCPConnection.connect(to: server.listener.address)
                try client.write("\(number)\n")
                return try client.readLine()
            }
            #expect(answers == (0..<50).map { "\($0)!" })
            server.stop()
            let report = try served.value()
            #expect(report.connections == 50 && report.failures == 0 && report.cut.isEmpty)
            #expect(try openDescriptors() == 0)
        }
    }

    @Test func neverMoreThanTheLimitAreHandled() throws {
        try Scheduler.scope {
            let server = Server(on: try TCPListener(on: .loopback, port: 0), limit: 3)
            var most = 0
            let served = Tasklet.spawn {
                try server.run { connection in
                    most = max(most, server.connectionCount)
                    _ = try connection.readLine()
                }
            }
            try withTaskletGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    try group.add {
                        let client = try TCPConnection.connect(to: server.listener.address)
                        try Tasklet.sleep(for: .milliseconds(1))
                        try client.write("done\n")
                        #expect(try client.readLine() == nil)
                    }
                }
                while try group.next() != nil {}
            }
            server.stop()
            #expect(try served.value().connections == 20)
            #expect(most == 3)
        }
    }

    @Test func aClientEndsNoServer() throws {
        try Scheduler.scope {
            let server = Server(on: try TCPListener(on: .loopback, port: 0))
            var told: [String] = []
            server.onError = { error, connection in told.append("\(connection): \(error)") }
            let served = Tasklet.spawn {
                try server.run { connection in
                    switch try connection.readLine() {
                    case "rude": throw Rude()
                    case "big": while true { try connection.write([UInt8](repeating: 0, count: 100_000)) }
                    default: try connection.write("fine\n")
                    }
                }
            }
            let rude = try TCPConnection.connect(to: server.listener.address)
            let rudeAddress = try rude.localAddress
            try rude.write("rude\n")
            #expect(try rude.readLine() == nil)
            let gone = try TCPConnection.connect(to: server.listener.address)
            try gone.write("big\n")
            _ = try gone.read(exactly: 10)
            gone.reset()
            let polite = try TCPConnection.connect(to: server.listener.address)
            try polite.write("hello\n")
            #expect(try polite.readLine() == "fine")
            while server.connectionCount > 0 { try Tasklet.sleep(for: .milliseconds(1)) }
            server.stop()
            let report = try served.value()
            #expect(report.connections == 3 && report.failures == 2)
            // The one that left is no error to tell of.
            #expect(told == ["connection with \(rudeAddress): Rude()"])
        }
    }

    @Test func stoppingHasPhases() throws {
        try Scheduler.scope {
            let server = Server(on: try TCPListener(on: .loopback, port: 0), grace: .milliseconds(20))
            var log: [String] = []
            let served = Tasklet.spawn {
                try server.run { connection in
                    if try connection.readLine() == "polite" {
                        try server.stopping.wait()
                        try connection.write("bye\n")
                        log.append("said goodbye")
                    } else {
                        do { _ = try connection.readLine() } catch {
                            log.append("was cut")
                            throw error
                        }
                    }
                }
            }
            let polite = try TCPConnection.connect(to: server.listener.address)
            let stubborn = try TCPConnection.connect(to: server.listener.address)
            try polite.write("polite\n")
            try stubborn.write("stubborn\n")
            while server.connectionCount < 2 { try Tasklet.sleep(for: .milliseconds(1)) }
            server.stop()
            #expect(try polite.readLine() == "bye")
            let report = try served.value()
            #expect(log == ["said goodbye", "was cut"])
            #expect(report.cut.count == 1)
            let stubbornAddress = try stubborn.localAddress
            #expect(report.cut[0].hasPrefix("connection with \(stubbornAddress): waited in read at"), "\(report)")
            #expect(try stubborn.readLine() == nil)
            let error = #expect(throws: SystemError.self) { try TCPConnection.connect(to: server.listener.address) }
            #expect(error?.code == .connectionRefused)
        }
    }

    @Test(arguments: ["cancelled", "killed", "out of time"])
    func whoeverLeavesTheServerLeavesNobodyBehind(_ way: String) throws {
        try Scheduler.scope {
            let server = Server(on: try TCPListener(on: .loopback, port: 0))
            var ends = 0
            let served = Tasklet.spawn {
                try withTimeout(way == "out of time" ? .milliseconds(20) : .seconds(1000)) {
                    try server.run { connection in
                        defer { ends += 1 }
                        _ = try connection.readLine()
                    }
                }
            }
            let clients = try (0..<3).map { _ in try TCPConnection.connect(to: server.listener.address) }
            while server.connectionCount < 3 { try Tasklet.sleep(for: .milliseconds(1)) }
            switch way {
            case "cancelled": served.tasklet?.cancel()
            case "killed": try served.tasklet?.kill()
            default: break
            }
            #expect(throws: (any Error).self) { try served.value() }
            #expect(ends == 3)
            for client in clients { #expect(try client.readLine() == nil) }
        }
    }

    @Test(arguments: 1...2) func aServerThatHasAllItMayHaveStopsToo(limit: Int) throws {
        try Scheduler.scope {
            let server = Server(on: try TCPListener(on: .loopback, port: 0), limit: limit, grace: .milliseconds(5))
            let served = Tasklet.spawn { try server.run { _ = try $0.readLine() } }
            let silent = try (0..<limit).map { _ in try TCPConnection.connect(to: server.listener.address) }
            while server.connectionCount < limit { try Tasklet.sleep(for: .milliseconds(1)) }
            server.stop()
            #expect(try served.value().cut.count == limit)
            for client in silent { #expect(try client.readLine() == nil) }
        }
    }

    @Test func aServerThatRunsTwiceEndsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            try synchronously {
                let server = Server(on: try TCPListener(on: .loopback, port: 0))
                Tasklet { try server.run { _ in } }
                try Tasklet.schedule()
                try server.run { _ in }
            }
        }
    }

    @Test func withoutDescriptorsItWaits() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                try Scheduler.scope {
                    let server = Server(on: try TCPListener(on: .loopback, port: 0))
                    var told = 0
                    server.onError = { error, _ in
                        if (error as? SystemError)?.code == .tooManyOpenFiles { told += 1 }
                    }
                    let served = Tasklet.spawn {
                        try server.run { try $0.write("welcome\n") }
                    }
                    try Tasklet.schedule()
                    // All descriptors but one, for the client.
                    var taken: [Int32] = []
                    while case let descriptor = descriptorOfNothing(), descriptor >= 0 { taken.append(descriptor) }
                    closeDescriptor(taken.removeLast())
                    let client = try TCPConnection.connect(to: server.listener.address)
                    while told == 0 { try Tasklet.sleep(for: .milliseconds(1)) }
                    taken.forEach(closeDescriptor)
                    let line = try client.readLine()
                    server.stop()
                    let report = try served.value()
                    precondition(line == "welcome" && report.connections == 1)
                }
            }
        }
    }
}
