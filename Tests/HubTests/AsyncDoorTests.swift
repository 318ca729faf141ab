import CTasklets
import Channels
import Hub
import Synchronization
import Tasklets
import TestSupport
import Testing

private struct Failure: Error, Equatable {}

/// On a scheduler's thread.
private actor Register {
    private let scheduler: SchedulerExecutor
    private var entries: [String] = []
    nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }

    init(on scheduler: SchedulerExecutor) {
        self.scheduler = scheduler
    }

    func add(_ entry: String) -> Int32 {
        entries.append(entry)
        return thread_number()
    }

    func count() async -> Int {
        await Task.yield()
        return entries.count
    }
}

/// A scheduler on a thread of its own, as long as the test needs it.
private final class Server: Sendable {
    let scheduler: SchedulerExecutor
    let number: Int32
    private let end: Promise<Void>
    private let thread: TestThread

    init() async {
        let end = Promise<Void>(name: "end")
        end.share()
        self.end = end
        let (thread, scheduler, number) = await withCheckedContinuation { continuation in
            let made = Promise<(SchedulerExecutor, Int32)>()
            let thread = TestThread {
                made.fulfill((Scheduler.current.executor, thread_number()))
                try! end.value()
            }
            Task {
                let (scheduler, number) = try! await made.value()
                continuation.resume(returning: (thread, scheduler, number))
            }
        }
        self.thread = thread
        self.scheduler = scheduler
        self.number = number
    }

    func stop() {
        end.fulfill(())
        thread.join()
    }
}

@Suite(.hangAlarm) struct AsyncDoorTests {
    @Test func aTaskletRunsForAnAsyncFunction() async throws {
        let server = await Server()
        let (thread, name) = try await server.scheduler.run(name: "guest") {
            try Tasklet.sleep(for: .milliseconds(1))
            return (thread_number(), Tasklet.current.name)
        }
        #expect(thread == server.number)
        #expect(name == "guest")
        await #expect(throws: Failure.self) { try await server.scheduler.run { throw Failure() } }
        server.stop()
    }

    @Test func manyAtOnce() async throws {
        let server = await Server()
        let scheduler = server.scheduler
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await scheduler.run {
                        try Tasklet.schedule()
                        return number
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 199 * 100)
        server.stop()
    }

    @Test func cancellationOfTheTaskIsThatOfTheTasklet() async throws {
        let server = await Server()
        let scheduler = server.scheduler
        let hasBegun = Promise<Void>()
        let wasCancelled = Promise<Bool>()
        let task = Task {
            try await scheduler.run {
                hasBegun.fulfill(())
                do {
                    try Tasklet.sleep(for: .seconds(3600))
                    wasCancelled.fulfill(false)
                } catch {
                    wasCancelled.fulfill(error is CancellationError)
                    throw error
                }
            }
        }
        try await hasBegun.value()
        task.cancel()
        #expect(try await wasCancelled.value())
        await #expect(throws: CancellationError.self) { try await task.value }
        // Cancelled before it began: the first wait throws.
        let late = Task {
            try? await Task.sleep(for: .seconds(3600))
            return try await scheduler.run { try Tasklet.sleep(for: .seconds(3600)) }
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        server.stop()
    }

    @Test func aTaskletThatIsKilledLeavesNobodyWaiting() async throws {
        let server = await Server()
        await #expect(throws: CancellationError.self) {
            try await server.scheduler.run {
                let me = Tasklet.current
                Tasklet { try me.kill() }
                try Tasklet.sleep(for: .seconds(3600))
            }
        }
        server.stop()
        await #expect(throws: TaskletError.noThread) { try await server.scheduler.run {} }
    }

    @Test func theEndOfTheSchedulerLeavesNobodyWaiting() async throws {
        let server = await Server()
        let scheduler = server.scheduler
        let hasBegun = Promise<Void>()
        let task = Task {
            try await scheduler.run {
                hasBegun.fulfill(())
                try Tasklet.sleep(for: .seconds(3600))
            }
        }
        try await hasBegun.value()
        server.stop()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// On the scheduler itself: no hop.
    @Test func fromWhatTheSchedulerAwaits() async throws {
        try await inScopeOfOwnThread {
            let scheduler = Scheduler.current.executor
            let here = thread_number()
            let there = try Tasklet.await {
                try await scheduler.run {
                    try Tasklet.schedule()
                    return thread_number()
                }
            }
            #expect(there == here)
        }
    }

    // MARK: Actors and tasks on a scheduler

    @Test func anActorLivesOnAScheduler() async throws {
        let server = await Server()
        let register = Register(on: server.scheduler)
        for number in 0..<10 { #expect(await register.add("\(number)") == server.number) }
        #expect(await register.count() == 10)
        let count = try await server.scheduler.run { try Tasklet.await { await register.count() } }
        #expect(count == 10)
        server.stop()
        // The thread has ended: the actor goes on elsewhere.
        #expect(await register.add("late") != 0)
        #expect(await register.count() == 11)
    }

    @Test func aTaskMayPreferAScheduler() async throws {
        let server = await Server()
        let thread = await withTaskExecutorPreference(server.scheduler.forTasks) {
            await Task.yield()
            return thread_number()
        }
        #expect(thread == server.number)
        server.stop()
    }

    // MARK: Promises

    @Test func promisesAreAwaited() async throws {
        let server = await Server()
        let promise = Promise<Int>(name: "answer")
        async let first = promise.value()
        async let second = promise.value()
        try await server.scheduler.run { promise.fulfill(42) }
        #expect(try await first == 42)
        #expect(try await second == 42)
        #expect(try await promise.value() == 42)
        let failing = Promise<Int>()
        let task = Task { try await failing.value() }
        failing.fail(Failure())
        await #expect(throws: Failure.self) { try await task.value }
        server.stop()
    }

    @Test func aWaitForAPromiseIsCancelled() async throws {
        let promise = Promise<Int>()
        let task = Task { try await promise.value() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        promise.fulfill(1)
        #expect(try await promise.value() == 1)
    }

    @Test func cancellationAndResultMeet() async throws {
        for number in 0..<500 {
            let promise = Promise<Int>()
            let task = Task { try await promise.value() }
            let settler = Task.detached { promise.fulfill(number) }
            task.cancel()
            await settler.value
            do {
                #expect(try await task.value == number)
            } catch {
                #expect(error is CancellationError)
            }
        }
    }

    // MARK: Channels

    @Test func valuesOfAChannel() async throws {
        let server = await Server()
        let numbers = Channel<Int>(name: "numbers")
        let sender = Task {
            try await server.scheduler.run {
                for number in 1...50 { try numbers.send(number) }
                numbers.finish()
            }
        }
        var received: [Int] = []
        for try await number in numbers.values { received.append(number) }
        #expect(received == Array(1...50))
        try await sender.value
        server.stop()
    }

    @Test func sendingToAChannel() async throws {
        let server = await Server()
        let numbers = Channel<Int>(name: "numbers")
        let received = Task {
            try await server.scheduler.run {
                var received: [Int] = []
                while let number = try numbers.next() { received.append(number) }
                return received
            }
        }
        for number in 1...50 { try await numbers.send(number) }
        numbers.finish()
        #expect(try await received.value == Array(1...50))
        await #expect(throws: ChannelError.closed) { try await numbers.send(0) }
        server.stop()
    }

    @Test func twoAsyncFunctionsMeetAtAChannel() async throws {
        let words = Channel<String>()
        async let word = words.values.first { _ in true }
        try await words.send("hello")
        #expect(try await word == "hello")
    }

    @Test func aReceiverThatIsCancelledTakesNoValue() async throws {
        let numbers = Channel<Int>()
        let task = Task {
            for try await _ in numbers.values { return true }
            return false
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        async let sent: Void = numbers.send(7)
        #expect(try await numbers.values.first { _ in true } == 7)
        try await sent
    }

    @Test func anErrorThatIsSentIsThrown() async throws {
        let server = await Server()
        let numbers = Channel<Int>()
        let sender = Task { try await server.scheduler.run { try numbers.send(throwing: Failure()) } }
        await #expect(throws: Failure.self) { for try await _ in numbers.values {} }
        try await sender.value
        server.stop()
    }

    /// Inside of one scheduler the channel stays at home: a partner that never comes is its affair.
    @Test func channelsInsideOneScheduler() async throws {
        try await inScopeOfOwnThread {
            let numbers = Channel<Int>()
            Tasklet {
                for number in 1...3 { try numbers.send(number) }
                numbers.finish()
            }
            let sum = try Tasklet.await {
                var sum = 0
                for try await number in numbers.values { sum += number }
                return sum
            }
            #expect(sum == 6)
        }
    }

    // MARK: Misuse

    @Test func anExecutorIsAskedForOnItsOwnThread() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            setHangAlarm()
            let scheduler = Smuggled(value: Scheduler.current)
            TestThread { _ = scheduler.value.executor }.join()
        }
        let text = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
        #expect(text.contains("Ask for a scheduler's executor on its own thread, and send that."), "\(text)")
    }

    @Test func anActorIsNotWhereItsSchedulerIsNot() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            setHangAlarm()
            let server = await Server()
            try synchronously { Register(on: server.scheduler).assumeIsolated { _ in } }
        }
        let text = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
        #expect(text.contains("This is not the thread of the scheduler that the actor has as its executor."), "\(text)")
    }

    /// A tasklet of the scheduler is where its actors are.
    @Test func taskletsAreIsolatedToTheirActors() async throws {
        try await inScopeOfOwnThread {
            let register = Register(on: Scheduler.current.executor)
            register.assumeIsolated { _ = $0.add("here") }
            let count = try Tasklet.await { await register.count() }
            #expect(count == 1)
        }
    }

    @Test func aTaskBesideIsRefusedElsewhere() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            setHangAlarm()
            await Task.detached { _ = Hub.task {} }.value
        }
        let text = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
        #expect(
            text.contains("Hub.task was called in an async function that does not run on a scheduler now"),
            "\(text)"
        )
    }
}
