import Hub
import Synchronization
import Tasklets
import TestSupport

/// Servers and clients over real sockets of the loopback interface, a server on each thread, and clients that behave well and
/// badly: they send in pieces, read slowly, finish early, leave in the middle of an answer, are killed, cancelled and out of time.
/// Whoever gets an answer gets the right one, and no descriptor is left.
struct SocketRound {
    let dice: Dice
    let threads: Int

    func run() {
        let seed = dice.next()
        let addresses = Locked<[SocketAddress]>([])
        let finished = Locked(0)
        let threads = min(threads, 4)
        TestThread.run(count: threads) { index in
            let dice = Dice(seed: seed &+ UInt64(index))
            do {
                try Scheduler.scope {
                    try Self.serveAndAsk(dice, addresses, finished, threads)
                    let left = (try HubCore.current().ports as? SystemPorts)?.openCount
                    if left != 0 { fail("\(left ?? -1) descriptors are left on thread \(index)") }
                }
            } catch {
                fail("thread \(index) ended with \(error)")
            }
        }
    }

    private static func serveAndAsk(
        _ dice: Dice,
        _ addresses: Locked<[SocketAddress]>,
        _ finished: Locked<Int>,
        _ threads: Int
    ) throws {
        let server = Server(
            on: try TCPListener(on: .loopback, port: 0),
            limit: dice.roll(1...20),
            grace: .milliseconds(200)
        )
        server.onError = { error, connection in fail("\(connection): \(error)") }
        addresses.withLock { $0.append(server.listener.address) }
        let served = Tasklet.spawn(name: "server") {
            try server.run { connection in
                let counted = Counted()
                try withExtendedLifetime(counted) { _ = try connection.write(from: connection) }
            }
        }
        let clients = (0..<dice.roll(1...30)).map { _ in
            let (dice, counted) = (dice.split(), Counted())
            return Tasklet.spawn(name: "client") {
                Tally.tasklets.add(1, ordering: .relaxed)
                try withExtendedLifetime(counted) {
                    for _ in 0..<dice.roll(1...10) {
                        Watchdog.tick()
                        let address = addresses.withLock { dice.pick($0) }
                        try withTimeout(.milliseconds(dice.roll(1...2000)), orElse: ()) { try ask(address, dice) }
                    }
                }
            }
        }
        // Some are ended before they are done.
        for client in clients where dice.isOnce(in: 4) {
            try Tasklet.sleep(for: .microseconds(dice.roll(1...500)))
            if dice.isOnce(in: 2) { client.tasklet?.cancel() } else { try client.tasklet?.kill() }
        }
        for client in clients {
            do { try client.value() } catch is TaskletExit {} catch is CancellationError {}
        }
        // The servers stay until nobody asks any more.
        finished.withLock { $0 += 1 }
        while finished.withLock({ $0 }) < threads {
            Watchdog.tick()
            try Tasklet.sleep(for: .milliseconds(1))
        }
        server.stop()
        _ = try served.value()
    }

    private static func ask(_ address: SocketAddress, _ dice: Dice) throws {
        do {
            let connection = try TCPConnection.connect(to: address)
            defer { connection.close() }
            try converse(connection, dice)
        } catch let error as SystemError where [.connectionReset, .brokenPipe].contains(error.code) {
            // The server was stopped, or out of patience.
        } catch HubError.ended {
        }
    }

    private static func converse(_ connection: TCPConnection, _ dice: Dice) throws {
        for _ in 0..<dice.roll(1...5) {
            let question = (0..<dice.roll(1...1 << dice.roll(1...17))).map { _ in UInt8(truncatingIfNeeded: dice.next())
            }
            var isOver = false
            let writer = Tasklet.spawn(name: "writer") {
                var rest = question[...]
                while !rest.isEmpty {
                    let piece = rest.prefix(dice.roll(1...max(rest.count, 1)))
                    do { try connection.write([UInt8](piece)) } catch let error as SystemError {
                        // The reader has left, or the server was stopped.
                        if isOver || [.connectionReset, .brokenPipe].contains(error.code) { return }
                        throw error
                    }
                    rest = rest.dropFirst(piece.count)
                    if dice.isOnce(in: 3) { try Tasklet.sleep(for: .microseconds(dice.roll(0...300))) }
                }
            }
            defer {
                isOver = true
                writer.tasklet?.cancel()
            }
            switch dice.roll(0...19) {
            case 0: return connection.reset()
            case 1: return
            case 2:
                try writer.value()
                try connection.finishWriting()
                if try connection.readAll() != question { fail("a wrong answer after the end of writing") }
                return
            default:
                if dice.isOnce(in: 5) { try Tasklet.sleep(for: .microseconds(dice.roll(0...1000))) }
                if try connection.read(exactly: question.count) != question { fail("a wrong answer") }
                try writer.value()
                Tally.parcels.add(1, ordering: .relaxed)
            }
        }
    }
}
