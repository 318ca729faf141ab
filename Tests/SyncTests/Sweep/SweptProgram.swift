import Channels
import Sync
import Tasklets
import TestSupport

/// A small program that is ended at each of its moments in turn: what the examples and articles show, in short.
struct SweptProgram: Sendable {
    let name: String
    let run: @Sendable (SweepWorld) throws -> Void

    init(_ name: String, _ run: @escaping @Sendable (SweepWorld) throws -> Void) {
        self.name = name
        self.run = run
    }
}

/// What a swept program counts, and what must hold when all has ended.
final class SweepWorld {
    private let counter: Tracked.Counter
    /// How many bodies have begun and not ended.
    private(set) var living = 0
    private var expectations: [(name: String, holds: () -> Bool)] = []

    init(_ counter: Tracked.Counter) {
        self.counter = counter
    }

    /// An object that has to go.
    func object() -> Tracked { Tracked(counter) }

    /// Something that a tasklet does, with objects on its stack and in its closure.
    func tracked<Result>(_ body: @escaping () throws -> Result) -> () throws -> Result {
        let captured = object()
        return { [self] in
            living += 1
            defer { living -= 1 }
            let local = object()
            return try withExtendedLifetime((captured, local)) { try body() }
        }
    }

    @discardableResult
    func start(_ body: @escaping () throws -> Void) -> Tasklet { Tasklet(tracked(body)) }

    func expectAtTheEnd(_ name: String, _ holds: @escaping () -> Bool) { expectations.append((name, holds)) }

    /// Nobody waits there at the end.
    func watch(_ place: any WaitLineOwner) {
        expectAtTheEnd("nobody waits at \(type(of: place))") { place.line.fields.count == 0 }
    }

    func check() -> [String] { expectations.filter { !$0.holds() }.map(\.name) }

    func semaphore(_ permits: Int) -> Semaphore {
        let semaphore = Semaphore(permits)
        watch(semaphore)
        expectAtTheEnd("all permits are back") { semaphore.available == permits }
        return semaphore
    }

    func lock() -> Lock {
        let lock = Lock()
        watch(lock)
        expectAtTheEnd("the lock is free") { !lock.isLocked }
        return lock
    }

    func queue(_ capacity: Int?) -> Queue<Tracked> {
        let queue = Queue<Tracked>(capacity: capacity)
        watch(queue)
        return queue
    }

    func channel<Element>(of type: Element.Type) -> Channel<Element> {
        let channel = Channel<Element>()
        expectAtTheEnd("nobody waits at the channel") { channel.balance == 0 }
        return channel
    }

    func event() -> Event {
        let event = Event()
        watch(event)
        return event
    }
}
