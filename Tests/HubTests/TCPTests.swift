import Channels
import Glibc
import Hub
import Sync
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct TCPTests {
    /// Of a tasklet that waits the libraries' functions are left out, so that one function is enough to see who waits.
    @Test func aDumpShowsTheFunctionOfTheProgram() throws {
        try Scheduler.scope {
            let (near, far) = try UnixConnection.pair()
            let lock = Lock(name: "lock")
            try lock.lock()
            Tasklet(name: "line") { try readOne(near) }
            Tasklet(name: "lock") { try lockOnce(lock) }
            for _ in 1...3 { try Tasklet.schedule() }
            let parts = Scheduler.current.dump(frames: 1).split(separator: "  tasklet '")
            for (name, function) in [("line", "readOne"), ("lock", "lockOnce")] {
                let part = try #require(parts.first { $0.hasPrefix(name + "' ") })
                #expect(part.split(separator: "\n").dropFirst().first?.contains(function) == true, "\(part)")
            }
            lock.unlock()
            far.close()
            try Tasklet.runUntilDone()
            near.close()
        }
    }

    /// A wait without time does not look outside, so a loop of these would never see anything.
    @Test func whoAsksAgainAndAgainWithoutTimeSeesWhatHasCome() throws {
        try Scheduler.scope {
            let (near, far) = try UnixConnection.pair()
            func askedAtOnce() throws -> [UInt8]? { try withTimeout(.zero, orElse: nil) { try near.read(upTo: 10) } }
            for _ in 1...3 {
                #expect(try askedAtOnce() == nil)
                try far.write("x")
                #expect(try askedAtOnce() == [120])
            }
            far.close()
            #expect(try askedAtOnce() == [])
            near.close()

            let listener = try TCPListener(on: .loopback, port: 0)
            func acceptedAtOnce() throws -> TCPConnection? {
                try withTimeout(.zero, orElse: nil) { try listener.accept() }
            }
            #expect(try acceptedAtOnce() == nil)
            let client = try TCPConnection.connect(to: listener.address)
            try #require(try acceptedAtOnce()).close()
            #expect(try acceptedAtOnce() == nil)
            client.close()
            listener.close()
        }
    }

    @Test func anAddressInUseSaysHowToGetAFreeOne() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let error = #expect(throws: SystemError.self) {
                try TCPListener(on: .loopback, port: listener.address.port)
            }
            let reason = "Address already in use; with port 0 the system takes a free one"
            #expect(error?.description == "bind to \(listener.address): \(reason)")
            listener.close()
        }
    }

    @Test func bytesGoBothWays() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            Tasklet(name: "server") {
                let caller = try listener.accept()
                while let line = try caller.readLine() { try caller.write("you said \(line)\n") }
                caller.close()
            }
            let connection = try TCPConnection.connect(to: listener.address)
            try connection.write("one\ntwo\n")
            #expect(try connection.readLine() == "you said one")
            #expect(try connection.readLine() == "you said two")
            try connection.write("three")
            try connection.finishWriting()
            #expect(try connection.readLine() == "you said three")
            #expect(try connection.readLine() == nil)
            #expect(connection.remoteAddress == listener.address)
        }
    }

    @Test(arguments: [IPAddress.loopback, .loopback6])
    func muchMoreThanTheSystemKeepsArrivesWhole(_ address: IPAddress) throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: address, port: 0)
            let sent = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            Tasklet(name: "server") {
                let caller = try listener.accept()
                try caller.write(from: caller)
                try caller.finishWriting()
            }
            let connection = try TCPConnection.connect(to: listener.address)
            Tasklet(name: "writer") {
                try connection.write(sent)
                try connection.finishWriting()
            }
            #expect(try connection.readAll() == sent)
        }
    }

    @Test func othersRunWhileOneWaits() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            var log: [String] = []
            Tasklet {
                log.append("accepts")
                let caller = try listener.accept()
                log.append("accepted")
                _ = try caller.read(upTo: 10)
                log.append("read")
            }
            let connection = try TCPConnection.connect(to: listener.address)
            for turn in 1...3 {
                log.append("turn \(turn)")
                try Tasklet.schedule()
            }
            try connection.write("x")
            try Tasklet.run()
            #expect(log.last == "read")
            #expect(log.firstIndex(of: "turn 3")! < log.firstIndex(of: "read")!)
        }
    }

    @Test func whereNobodyListensIsAnError() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            listener.close()
            let error = #expect(throws: SystemError.self) { try TCPConnection.connect(to: listener.address) }
            #expect(error?.code == .connectionRefused)
            #expect(error?.description == "connect to \(listener.address): Connection refused")
        }
    }

    @Test func closingWakesThoseThatWait() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let connection = try TCPConnection.connect(to: listener.address)
            let caller = try listener.accept()
            let read = Tasklet.spawn { try connection.read(upTo: 1) }
            let accepted = Tasklet.spawn { try listener.accept() }
            try Tasklet.schedule()
            connection.close()
            listener.close()
            #expect(throws: SystemError(.closed, "read")) { try read.value() }
            #expect(throws: SystemError.self) { try accepted.value() }
            #expect(throws: SystemError.self) { try connection.write("x") }
            #expect(try caller.read(upTo: 1) == [])
        }
    }

    @Test func twoReadersAreNamed() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let connection = try TCPConnection.connect(to: listener.address)
            let caller = try listener.accept()
            Tasklet(name: "first") { _ = try connection.read(upTo: 1) }
            let second = Tasklet.spawn(name: "second") { try connection.read(upTo: 1) }
            let error = #expect(throws: HubError.self) { try second.value() }
            caller.close()
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("'first'") && text.contains("'second'") && text.contains("read"), "\(text)")
        }
    }

    @Test func aTimeLimitEndsARead() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let connection = try TCPConnection.connect(to: listener.address)
            let caller = try listener.accept()
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(5)) { _ = try connection.read(upTo: 1) }
            }
            try caller.write("late")
            #expect(try connection.read(exactly: 4) == Array("late".utf8))
        }
    }

    @Test func whatWasReadIsKeptWhenTheRestDoesNotCome() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let connection = try TCPConnection.connect(to: listener.address)
            let caller = try listener.accept()
            try caller.write("begin")
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(5)) { _ = try connection.readLine() }
            }
            try caller.write("ning\n")
            #expect(try connection.readLine() == "beginning")
            try caller.write("ab")
            try caller.finishWriting()
            #expect(throws: HubError.ended(after: 2)) { try connection.read(exactly: 3) }
            #expect(try connection.read(exactly: 2) == Array("ab".utf8))
        }
    }

    @Test func aBusyConnectionStarvesNobody() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let connection = try TCPConnection.connect(to: listener.address)
            let caller = try listener.accept()
            try caller.write([UInt8](repeating: 1, count: 20_000))
            var turns = 0
            Tasklet {
                while true {
                    turns += 1
                    try Tasklet.schedule()
                }
            }
            for _ in 0..<10_000 { _ = try connection.read(exactly: 1) }
            #expect(turns > 0)
        }
    }

    /// Another thread may wake a scheduler at the moment at which something happens at a connection where nobody waits.
    @Test func whatASleepHasBroughtIsNotLost() throws {
        try Scheduler.scope {
            let (near, far) = try UnixConnection.pair()
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(1)) { try near.read(upTo: 1) } }
            try far.write("x")
            let ports = try HubCore.current().ports
            ports.sleep(until: .max)
            ports.sleep(until: .max)
            #expect(try near.read(upTo: 1) == [120])
        }
    }

    /// Nobody waits outside, so only the sleep itself hears of it.
    @Test func whatComesWhileNobodyWaitsIsNotLost() throws {
        try Scheduler.scope {
            let (near, far) = try UnixConnection.pair()
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(1)) { try near.read(upTo: 1) } }
            let news = Channel<Int>()
            news.share()
            try far.write("x")
            let sender = TestThread {
                usleep(20_000)
                try? synchronouslySend(1, to: news)
            }
            #expect(try news.receive() == 1)
            sender.join()
            #expect(try near.read(upTo: 1) == [120])
        }
    }

    @Test func aMessageIsNotWrittenIntoAnotherOne() throws {
        try Scheduler.scope {
            let (near, far) = try UnixConnection.pair()
            let long = [UInt8](repeating: 1, count: 2_000_000)
            let first = Tasklet.spawn(name: "first") {
                try near.write(long)
                try near.finishWriting()
            }
            try Tasklet.schedule()
            let error = #expect(throws: HubError.self) { try near.write("short") }
            #expect(error.map { "\($0)".contains("'first'") } ?? false)
            #expect(try far.readAll() == long)
            try first.value()
        }
    }

    @Test func whatIsForgottenIsClosed() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            do {
                let connection = try TCPConnection.connect(to: listener.address)
                let caller = try listener.accept()
                let count = try openDescriptors()
                #expect(count == 3)
                withExtendedLifetime((connection, caller)) {}
            }
            let left = try openDescriptors()
            #expect(left == 1)
            listener.close()
            #expect(try openDescriptors() == 0)
        }
    }
}

/// On another thread, whose scheduler does nothing else.
private func synchronouslySend(_ number: Int, to channel: Channel<Int>) throws { try channel.send(number) }

@inline(never)
private func readOne(_ stream: any ByteStream) throws {
    let line = try stream.readLine()
    #expect(line == nil)
}

@inline(never)
private func lockOnce(_ lock: Lock) throws {
    try lock.withLock {}
    #expect(!lock.isLocked)
}
