import Foundation
import Testing

/// What may wait is not available in async functions: between two `await`s those may be moved to another thread, where
/// another scheduler is.
struct AsyncFunctionTests {
    private static let remedy = "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code"

    /// What is there for the calls.
    private static let parameters = """
        _ tasklet: Tasklet, _ promise: Promise<Int>, _ group: TaskletGroup<Int>, _ channel: Channel<Int>, _ queue: Queue<Int>,
        _ event: Event, _ semaphore: Semaphore, _ lock: Lock, _ recursiveLock: RecursiveLock, _ readWriteLock: ReadWriteLock,
        _ condition: Condition, _ barrier: Barrier, _ greenlet: Greenlet<Int>, _ coroutine: Coroutine<Int, Int>,
        _ generator: Generator<Int>, _ iterator: Generator<Int>.Iterator, _ yield: Generator<Int>.Yield
        """

    private static let parametersOfHub = """
        _ stream: TCPConnection, _ listener: TCPListener, _ server: Server<TCPListener>, _ datagrams: UDPSocket,
        _ address: SocketAddress, _ child: ChildProcess, _ signals: Signals, _ terminal: Terminal
        """

    /// One call, or one piece of code that calls once.
    private static let calls = [
        "Tasklet {}", "_ = Tasklet(name: \"empty\")", "_ = Tasklet.spawn { 1 }",
        "try Tasklet.schedule()", "try Tasklet.scheduleRemove()", "try Tasklet.run()", "try Tasklet.run(switches: 1)",
        "try Tasklet.run(for: .zero)", "try Tasklet.runUntilDone()", "try Tasklet.sleep(for: .zero)",
        "try Tasklet.sleep(until: Scheduler.current.now)",
        "try tasklet.run()", "try tasklet.switch()", "try tasklet.kill()", "try tasklet.raise(CancellationError())",
        "_ = try promise.value()", "_ = try promise.value(within: .zero)",
        "_ = try Promise.all([promise])", "_ = try Promise.all([promise], within: .zero)",
        "_ = try Promise.first(of: [promise])", "_ = try Promise.first(of: [promise], within: .zero)",
        "_ = try Promise.first(1, of: [promise])", "_ = try Promise.first(1, of: [promise], within: .zero)",
        "try withTaskletGroup(of: Int.self) { _ in }", "try group.add { 1 }", "_ = try group.next()",
        "_ = try [1].concurrentMap { $0 }",
        "try withTimeout(.zero) {}", "try withTimeout(.zero, throwing: CancellationError()) {}",
        "try withTimeout(.zero, orElse: ()) {}", "try withDeadline(Scheduler.current.now) {}",
        "withCancellationShield {}",
        "try select { channel.onReceive { _ in } }", "try select(fair: SelectRotation()) { otherwise {} }",
        "try channel.send(1)", "try channel.send(1, within: .zero)", "try channel.send(throwing: CancellationError())",
        "try channel.send(contentsOf: [1])", "_ = try channel.receive()", "_ = try channel.receive(within: .zero)",
        "while let _ = try channel.next() {}",
        "try queue.send(1)", "try queue.send(contentsOf: [1])", "_ = try queue.receive()", "_ = try queue.next()",
        "_ = try queue.receive(within: .zero)", "_ = try queue.send(1, within: .zero)",
        "_ = try queue.peek()", "try queue.join()",
        "try event.wait()", "try semaphore.acquire()", "try semaphore.withPermit {}", "_ = try barrier.wait()",
        "try lock.lock()", "try lock.withLock {}", "try recursiveLock.lock()", "try recursiveLock.withLock {}",
        "try readWriteLock.lockForReading()", "try readWriteLock.lockForWriting()",
        "try readWriteLock.withReadLock {}", "try readWriteLock.withWriteLock {}",
        "try condition.wait()", "try condition.wait { true }",
        "_ = Greenlet<Int> { $0 }", "_ = Greenlet<Void> {}", "try greenlet.switch(1)", "_ = try greenlet.throw()",
        "_ = Coroutine<Int, Int> { _, _ in }", "_ = try coroutine.resume(1)", "try yield(1)",
        "for _ in generator {}", "_ = generator.makeIterator()", "_ = iterator.next()", "_ = try iterator.tryNext()",
        "defer { try? event.wait() }",
    ]

    /// Calls of the hub: with it in sight, promises and channels have async forms too.
    private static let callsOfHub = [
        "_ = try stream.read(upTo: 1)", "_ = try stream.read(exactly: 1)", "_ = try stream.read(until: 10)",
        "_ = try stream.readLine()", "_ = try stream.readAll()", "try stream.write(from: stream)",
        "try stream.write([1])",
        "try stream.finishWriting()", "_ = try TCPConnection.connect(to: address)", "_ = try listener.accept()",
        "_ = try UnixConnection.connect(to: \"/x\")",
        "try serve(on: listener) { _ in }", "try server.run { _ in }",
        "_ = try datagrams.receive()", "try datagrams.send([1], to: address)", "try Hub.waitReadable(0)",
        "try Hub.waitWritable(1)",
        "_ = try offload { 1 }", "_ = try Hub.resolve(\"localhost\", port: 1)", "_ = try Tasklet.await { 1 }",
        "_ = try TCPConnection.connect(to: \"localhost\", port: 1)", "_ = try run(\"true\")", "_ = try child.wait()",
        "_ = try File.read(\"x\")", "try File.write([], to: \"x\")", "_ = try File.open(\"x\")",
        "_ = try signals.receive()",
        "_ = try terminal.nextKey()", "_ = try terminal.nextLine()",
    ]

    /// Those of TLS, if it was built.
    private static let callsOfTLS = [
        "_ = try TLSStream.connect(to: \"localhost\", port: 1)", "_ = try TLSStream.client(over: stream, host: \"x\")",
        "_ = try TLSStream.server(over: stream, context)", "try secure.handshake()", "try secure.finishWriting()",
        "_ = try secure.readLine()", "try secure.write([1])", "_ = try secureListener.accept()",
    ]

    private static let parametersOfTLS =
        ", _ secure: TLSStream, _ secureListener: TLSListener<TCPListener>, _ context: TLSContext"

    private static let lists: [[String]] = {
        #if TLS
        [calls, callsOfHub, callsOfTLS]
        #else
        [calls, callsOfHub]
        #endif
    }()

    /// What the compiler says of an async function that makes the calls, each in a block of its own.
    private func errors(of calls: [String], inBlocksOf opening: String) throws -> [String: [String]] {
        let isOfTLS = calls == Self.callsOfTLS
        let isOfHub = calls == Self.callsOfHub || isOfTLS
        let parameters = (isOfHub ? Self.parametersOfHub : Self.parameters).replacing("\n", with: " ")
        let head = [
            "import Channels; import Greenlets; import Sync; import Tasklets" + (isOfHub ? "; import Hub" : "")
                + (isOfTLS ? "; import TLS" : ""),
            "func f(\(parameters)\(isOfTLS ? Self.parametersOfTLS : "")) async throws {",
        ]
        let lines = head + calls.map { "\(opening) { \($0) }" } + ["}"]
        let folder = try Folder()
        try folder.write(lines.joined(separator: "\n") + "\n", to: "calls.swift")
        let result = try folder.typecheck("calls.swift")
        var errors: [String: [String]] = [:]
        for match in result.errors.matches(of: #/(?m)^calls\.swift:(\d+):\d+: error: (.*)$/#) {
            let index = try #require(Int(match.1)) - 1 - head.count
            try #require(calls.indices.contains(index), "\(result.text)")
            errors[calls[index], default: []].append(String(match.2))
        }
        #expect(result.exitCode == (errors.isEmpty ? 0 : 1), "\(result.text)")
        return errors
    }

    @Test(arguments: lists) func theyCallNothingThatMayWait(calls: [String]) throws {
        let errors = try errors(of: calls, inBlocksOf: "do")
        for call in calls {
            let found = errors[call, default: []]
            #expect(!found.isEmpty, "\(call)")
            for error in found {
                #expect(
                    error.hasSuffix(" is unavailable from asynchronous contexts; \(Self.remedy)"),
                    "\(call): \(error)"
                )
            }
        }
    }

    @Test(arguments: lists) func inAScopeTheyCallEverything(calls: [String]) throws {
        #expect(try errors(of: calls, inBlocksOf: "try Scheduler.scope") == [:])
    }

    // MARK: - What has no attribute

    /// Public functions that throw and may be called in async functions, by the file that they are in.
    private static let available: [String: Set<String>] = [
        // They wait for nobody.
        "Tasklet.swift": ["bind", "setup"], "Tasklet+Operations.swift": ["insert", "remove"],
        "Tasklet+Cancellation.swift": ["checkCancellation"], "Channel+Try.swift": ["tryReceive"],
        "Queue+Moving.swift": ["tryReceive"], "Greenlet+State.swift": ["setParent"],
        "WorldState+Neighbours.swift": ["forEachNeighbour"], "Measures.swift": ["quantity"],
        "SocketAddress.swift": ["init"], "UnixListener.swift": ["init"], "TCPListener.swift": ["init"],
        "UnixConnection.swift": ["pair"], "Sockets+Descriptors.swift": ["init"],
        "UDPSocket.swift": ["init", "setBroadcasts"],
        "TCPConnection.swift": ["setKeepsAlive", "setReceiveBuffer", "setSendBuffer", "setSendsAtOnce"],
        "Hub+Pipe.swift": ["pipe"], "PipeReader.swift": ["init", "standardInput"],
        "PipeWriter.swift": ["init", "standardError", "standardOutput"], "Terminal.swift": ["init"],
        "Hub+Select.swift": ["onReadable", "onWritable"], "Signals.swift": ["signals"],
        "ChildProcess.swift": ["init", "send"], "TLSContext.swift": ["client", "server"],
        // They call a synchronous closure, which is not there for waits.
        "Timeline.swift": ["record", "write"], "TaskletLocal.swift": ["withValue"],
        // They run a scheduler of their own, and leave nothing behind.
        "Scheduler.swift": ["scope"], "Simulation.swift": ["run", "next", "end"],
        // For async functions.
        "TaskletClock.swift": ["sleep"], "Channel+Async.swift": ["next"],
        "Schedule.swift": ["init", "encode"], "ScheduleFailure.swift": ["writeTimeline"],
        "ExploredTrait.swift": ["provideScope"],
        // Called by the library, in a tasklet.
        "Greenlet.swift": ["bind", "run"], "Actor.swift": ["handle"],
        "Robot.swift": ["init", "see", "collide"], "WanderingRobot.swift": ["init"],
        "Channel+Select.swift": ["run", "take"], "ListClause.swift": ["run", "take"], "PlaceClause.swift": ["run"],
        "ReadyClause.swift": ["run", "take"],
        "SelectClauses.swift": ["run", "take"], "TimeClauses.swift": ["run"],
        "Queue+Select.swift": ["run"], "TaskletGroup+Select.swift": ["run"],
    ]

    /// Whatever may switch throws. So a function that throws has the attribute, or is known not to need it.
    @Test func whatThrowsHasTheAttribute() throws {
        var found: [String: Set<String>] = [:]
        var marked = 0
        for file in try sources() {
            let text = try String(contentsOf: file, encoding: .utf8)
            let function = #/(?m)((?:^ *@.*\n)*)^ *((?:public|open) (?:\w+ )*?(?:func `?(\w+)`?|init\b)[^{]*)\{/#
            for match in text.matches(of: function) where throwsItself(String(match.2)) {
                if match.1.contains("@available(*, noasync, message: \"\(Self.remedy)\")") {
                    marked += 1
                } else {
                    found[file.lastPathComponent, default: []].insert(match.3.map(String.init) ?? "init")
                }
            }
        }
        #expect(marked > 50)
        for (file, names) in found {
            let forgotten = names.subtracting(Self.available[file, default: []])
            #expect(forgotten.isEmpty, "\(file): do they wait? Then @available(*, noasync), else name them here.")
        }
        for (file, names) in Self.available {
            #expect(names.subtracting(found[file, default: []]).isEmpty, "\(file): named, but not there any more.")
        }
    }

    /// Whether a function throws or rethrows: what its parameters do stands in parentheses.
    private func throwsItself(_ signature: String) -> Bool {
        var rest = signature
        while true {
            let shorter = rest.replacing(#/\([^()]*\)/#, with: "")
            if shorter == rest { return rest.contains("throws") }
            rest = shorter
        }
    }

    /// The source files of the modules that a program can import.
    private func sources() throws -> [URL] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
        let modules = [
            "Actors", "Channels", "Exploration", "Greenlets", "HTTP", "Hub", "RobotWorld", "Sync", "TLS", "Tasklets",
        ]
        return try modules.flatMap { module in
            let module = folder.appending(path: module)
            let files = try #require(FileManager.default.enumerator(atPath: module.path))
            return files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map {
                module.appending(path: $0)
            }
        }
    }
}
