import CTasklets
import Channels
import Foundation
import Hub
import Tasklets
import TestSupport
import Testing

/// Unix sockets, descriptors that go over them, and datagrams.
@Suite(.hangAlarm) struct OtherSocketTests {
    private func temporaryPath() -> String { "/tmp/hub-\(UInt64.random(in: 0...(.max))).socket" }

    @Test func linesGoOverAPath() throws {
        try Scheduler.scope {
            let path = temporaryPath()
            let listener = try UnixListener(path: path)
            Tasklet {
                let caller = try listener.accept()
                try caller.write("got \(try caller.readLine() ?? "")\n")
            }
            let connection = try UnixConnection.connect(to: path)
            try connection.write("it\n")
            #expect(try connection.readLine() == "got it")
            listener.close()
            // The file has gone with the listener.
            let error = #expect(throws: SystemError.self) { try UnixConnection.connect(to: path) }
            #expect(error?.code == .noSuchFile)
        }
    }

    @Test func anAbstractNameIsNoFile() throws {
        try Scheduler.scope {
            let name = "@hub-\(UInt64.random(in: 0...(.max)))"
            let listener = try UnixListener(path: name)
            Tasklet { try listener.accept().write("x\n") }
            #expect(try UnixConnection.connect(to: name).readLine() == "x")
        }
    }

    @Test(arguments: ["", "/tmp/" + String(repeating: "x", count: 103)])
    func aPathThatIsNoneIsRefused(_ path: String) throws {
        try Scheduler.scope {
            #expect(throws: SystemError.self) { try UnixListener(path: path) }
            #expect(throws: SystemError.self) { try UnixConnection.connect(to: path) }
            let left = try openDescriptors()
            #expect(left == 0)
        }
    }

    @Test func theLongestPathWorks() throws {
        try Scheduler.scope {
            let path = temporaryPath() + String(repeating: "x", count: 107)
            let listener = try UnixListener(path: String(path.prefix(107)))
            Tasklet { try listener.accept().write("x\n") }
            #expect(try UnixConnection.connect(to: String(path.prefix(107))).readLine() == "x")
        }
    }

    @Test func descriptorsAreSent() throws {
        try Scheduler.scope {
            let (first, second) = try UnixConnection.pair()
            var ends: [Int32] = [-1, -1]
            #expect(descriptor_pipe(&ends) == 0)
            defer { ends.forEach(descriptor_close) }
            Tasklet { try first.send(descriptors: [ends[0]], with: Array("here".utf8)) }
            let received = try second.receiveDescriptors()
            #expect(received.bytes == Array("here".utf8))
            let copy = try #require(received.descriptors.first)
            defer { descriptor_close(copy) }
            // It is the same pipe.
            let text = Array("through".utf8)
            let written = text.withUnsafeBytes { bytes in
                var piece = descriptor_piece(start: bytes.baseAddress, length: bytes.count)
                return descriptor_write(ends[1], &piece, 1)
            }
            #expect(written == 7)
            try Hub.waitReadable(copy)
            var buffer = [UInt8](repeating: 0, count: 16)
            #expect(descriptor_read(copy, &buffer, 16) == 7)
            first.close()
            #expect(try second.receiveDescriptors().bytes == [])
        }
    }

    /// A supervisor listens, and hands connections to workers.
    @Test func connectionsAreHandedOn() throws {
        try Scheduler.scope {
            let before = try openDescriptors()
            let listener = try TCPListener(on: .loopback, port: 0)
            let (supervisor, worker) = try UnixConnection.pair()
            Tasklet(name: "worker") {
                while true {
                    let (_, received) = try worker.receiveDescriptors()
                    guard let descriptor = received.first else { return }
                    let connection = try TCPConnection(descriptor: descriptor)
                    descriptor_close(descriptor)
                    Tasklet {
                        try connection.write(
                            "\(connection.remoteAddress.port): \(connection.readLine() ?? "nothing")\n"
                        )
                        connection.close()
                    }
                }
            }
            let clients = try (0..<3).map { _ in try TCPConnection.connect(to: listener.address) }
            let again = try TCPListener(descriptor: listener.descriptor)
            #expect(again.address == listener.address)
            for (index, client) in clients.enumerated() {
                let accepted = try (index == 0 ? again : listener).accept()
                try supervisor.send(descriptors: [accepted.descriptor], with: [0])
                accepted.close()
                try client.write("line \(index)\n")
                #expect(try client.readAll() == Array("\(client.localAddress.port): line \(index)\n".utf8))
                client.close()
            }
            for listener in [listener, again] { listener.close() }
            supervisor.close()
            try Tasklet.runUntilDone()
            worker.close()
            #expect(try openDescriptors() == before)
        }
    }

    @Test func descriptorsOfAnotherKindAreRefused() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let (near, far) = try UnixConnection.pair()
            var ends: [Int32] = [-1, -1]
            #expect(descriptor_pipe(&ends) == 0)
            defer { ends.forEach(descriptor_close) }
            for (descriptor, code) in [
                (try listener.descriptor, SystemError.Code.invalidArgument), (try near.descriptor, .invalidArgument),
                (ends[0], .invalidArgument), (999_999, .badDescriptor), (-1, .badDescriptor),
            ] {
                let error = #expect(throws: SystemError.self) { try TCPConnection(descriptor: descriptor) }
                #expect(error?.code == code && error?.operation == "use descriptor \(descriptor) as a connection")
                #expect(fcntl(descriptor, F_GETFD) >= 0 || code == .badDescriptor)
            }
            #expect(throws: SystemError.self) { try TCPListener(descriptor: near.descriptor) }
            #expect(throws: SystemError.self) { try UnixConnection(descriptor: listener.descriptor) }
            try UnixConnection(descriptor: far.descriptor).write("x")
            #expect(try near.read(upTo: 2) == [120])
            near.close()
            #expect(throws: SystemError(.closed, "descriptor of a socket")) { try near.descriptor }
        }
    }

    @Test func aDescriptorOfOthersIsWaitedFor() throws {
        try Scheduler.scope {
            var ends: [Int32] = [-1, -1]
            #expect(descriptor_pipe(&ends) == 0)
            defer { ends.forEach(descriptor_close) }
            var log: [String] = []
            Tasklet {
                try Hub.waitReadable(ends[0])
                log.append("readable")
            }
            Tasklet {
                try Hub.waitWritable(ends[1])
                log.append("writable")
                var byte: UInt8 = 1
                withUnsafeBytes(of: &byte) { bytes in
                    var piece = descriptor_piece(start: bytes.baseAddress, length: 1)
                    _ = descriptor_write(ends[1], &piece, 1)
                }
            }
            try Tasklet.run()
            #expect(log == ["writable", "readable"])
            // What is there already is readable at once, each time anew.
            try Hub.waitReadable(ends[0])
            try Hub.waitReadable(ends[0])
            #expect(try openDescriptors() == 0)
            #expect(throws: SystemError.self) { try Hub.waitReadable(999_999) }
        }
    }

    /// Its number is used again by a socket of ours while somebody still waits for the former one. In a process of its own, since
    /// other threads would take the number.
    @Test func aDescriptorOfOthersIsClosedBehindOurBack() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            try Scheduler.scope {
                var ends: [Int32] = [-1, -1]
                #expect(descriptor_pipe(&ends) == 0)
                let waits = Tasklet.spawn { try Hub.waitReadable(ends[0]) }
                try Tasklet.schedule()
                descriptor_close(ends[0])
                descriptor_close(ends[1])
                let pairs = try (0..<3).map { _ in try UnixConnection.pair() }
                #expect(throws: SystemError.self) { try waits.value() }
                // The one that has the number hears of what comes.
                for (near, far) in pairs {
                    Tasklet {
                        try Tasklet.sleep(for: .milliseconds(1))
                        try far.write("x")
                    }
                    #expect(try near.read(upTo: 1) == [120])
                }
                // One that is closed is no descriptor for a second visitor either.
                #expect(throws: SystemError.self) { try Hub.waitReadable(999_999) }
            }
        }
    }

    /// Whatever descriptor of the hub itself somebody closes by mistake: every wait would be endless.
    @Test(arguments: ["eventpoll", "eventfd"])
    func theHubsOwnDescriptorIsClosedByOthers(kind: String) async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [kind] in
            setHangAlarm()
            try Scheduler.scope {
                func descriptors() -> Set<Int32> { Set((0..<256).filter { fcntl($0, F_GETFD) >= 0 }) }
                let others = descriptors()
                let pipe = try Hub.pipe()
                for own in descriptors().subtracting(others) {
                    let link = "/proc/self/fd/\(own)"
                    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
                    if target == "anon_inode:[\(kind)]" { descriptor_close(own) }
                }
                let receiver = SystemThread()
                let numbers = Channel<Int>()
                numbers.share()
                let thread = TestThread {
                    for number in 0..<1000 {
                        while !receiver.isAsleep { sched_yield() }
                        try! numbers.send(number)
                    }
                }
                for _ in 0..<1000 { _ = try numbers.receive() }
                thread.join()
                withExtendedLifetime(pipe) {}
            }
        }
        let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        // What the system says depends on whether somebody else has the number meanwhile.
        #expect(message.contains("The hub cannot use descriptor "), "\(message)")
        #expect(message.contains(", which is its own: "))
        #expect(message.contains(". Something in this program has closed it: look for a descriptor"))
    }

    @Test func datagramsComeWhole() throws {
        try Scheduler.scope {
            let (first, second) = (try UDPSocket(on: .loopback), try UDPSocket(on: .loopback))
            Tasklet {
                for text in ["one", "", "three"] { try first.send(text, to: second.address) }
            }
            let received = try (0..<3).map { _ in try second.receive() }
            #expect(received.map { String(decoding: $0.bytes, as: UTF8.self) } == ["one", "", "three"])
            #expect(received.allSatisfy { $0.sender == first.address && !$0.isCut })
            try first.send("much too long", to: second.address)
            let cut = try second.receive(upTo: 4)
            #expect(cut.isCut && cut.bytes == Array("much".utf8))
            let error = #expect(throws: SystemError.self) {
                try first.send([UInt8](repeating: 0, count: 65_508), to: second.address)
            }
            #expect(error?.code == .messageTooLong)
        }
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("0:0::0", "::"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("fe80::1%3", "fe80::1%3"), ("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
    func anAddressIsReadAndWritten(_ text: String, _ written: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == written)
        #expect(IPAddress(written) == address)
        #expect(IPAddress(bytes: address.bytes, scope: address.scope) == address)
    }

    @Test(arguments: [
        "", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.+4", ":::", "1::2::3", "12345::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "::1%eth", "g::", "1.2.3.4::", "１.2.3.4",
    ])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect(IPAddress(text) == nil)
        #expect(throws: HubError.notAnAddress(text)) { try SocketAddress(text, port: 1) }
    }
}
