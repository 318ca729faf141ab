import CTasklets
import Synchronization

/// Lets several schedulers take turns on one thread, as hosts: each behaves as if it had a thread of its own, and a test
/// decides when one thread would have come in between another one's steps.
///
/// A host is a tasklet of the scheduler that is explored, the root. Its body makes a scheduler and runs under that. What a
/// thread does by itself is done through the root:
///
///     thread                            host
///     runs as long as it may            another host may go on at a seam: the root switches, wherever the host stands
///     waits for another one's lock      gives way until it gets it
///     sleeps at its inbox               its tasklet waits in the root, until a wake or a timer of the root ends that
///
/// So a host may stand still inside its gate, or with the lock of a line, as a thread may.
///
/// All calls are made on the thread of all hosts, while `core` is its current scheduler; other hosts run before they return.
package protocol HostWorld: AnyObject {
    var root: SchedulerCore { get }

    /// Another thread could come in between here.
    ///
    /// - Parameter isBeginning: an operation begins. If the first that it does is to take a lock, that is no other seam.
    func seam(in core: SchedulerCore, isBeginning: Bool)

    /// Something that a host has is needed: the others go on first.
    func giveWay(in core: SchedulerCore)

    /// Sleeps until `wake`, or until the deadline, a time of the clock that all hosts share. Out of the gate.
    ///
    /// - Returns: false when nobody could ever wake it.
    func sleep(_ core: SchedulerCore, until deadline: Int64?) -> Bool

    /// Ends a sleep. Switches to nobody.
    func wake(_ core: SchedulerCore)
}

extension SchedulerCore {
    /// - Parameter world: `nil` for a scheduler that has its thread for itself.
    package func setWorld(_ world: (any HostWorld)?) {
        let former = fields.world
        fields.world = world
        withExtendedLifetime(former) {}
    }

    /// Whether the scheduler is one of several on its thread, and not the root of these.
    package var isHost: Bool { fields.world.map { $0.root != self } ?? false }

    /// The world of the calling thread.
    private static var world: (core: SchedulerCore, world: any HostWorld)? {
        guard let core = currentIfAny, let world = core.fields.world else { return nil }
        return (core, world)
    }

    /// Takes a lock that schedulers share. A host cannot wait for another one of its thread without letting it run.
    static func acquire(_ lock: OpaquePointer) {
        guard let (core, world) = world else { return unsafe lock_acquire(lock) }
        world.seam(in: core, isBeginning: false)
        while unsafe !lock_try(lock) { world.giveWay(in: core) }
    }

    /// Waits for what another scheduler is about to finish.
    static func yieldThread() {
        guard let (core, world) = world else { return thread_yield() }
        world.giveWay(in: core)
    }

    /// A place at which another thread may come in between, besides those at which a lock is taken.
    static func passSeam() {
        if let (core, world) = world { world.seam(in: core, isBeginning: false) }
    }

    /// Sleeps as `sleep` of a scheduler with a thread does.
    func sleep(in world: any HostWorld, reach: Reach, until deadline: Int64?) -> Bool {
        world.seam(in: self, isBeginning: false)
        guard markAsleep(reach: reach) else { return true }
        var mayBeWoken = false
        standAside {
            mayBeWoken = world.sleep(self, until: deadline)
            markAwake()
        }
        return mayBeWoken || head != nil
    }

    // MARK: For a world

    package var isInsideGate: Bool { fields.isOccupied.load(ordering: .relaxed) != 0 }

    /// Runs `body` as if `core` had the thread.
    package static func withCurrent<Result>(_ core: SchedulerCore, _ body: () throws -> Result) rethrows -> Result {
        let former = current
        setCurrent(core)
        defer { setCurrent(former) }
        return try body()
    }

    /// Runs `body` under a scheduler of its own in a world, with the caller, a tasklet of the root, as its main tasklet.
    ///
    /// - Parameters:
    ///   - world: whose host the scheduler becomes.
    ///   - begins: makes ready what `body` needs.
    ///   - body: what main does.
    /// - Throws: as `Scheduler.scope`.
    package static func runHost(
        in world: any HostWorld,
        _ begins: (SchedulerCore) -> Void,
        _ body: () throws -> Void
    ) throws {
        let root = world.root
        let host = SchedulerCore()
        host.fields.virtualTime = root.fields.virtualTime
        host.main.fiber.fields.origin = root.me.origin
        host.main.fiber.fields.origin.number = 1
        host.main.inheritLocals(fromCurrentOf: root)
        host.setWorld(world)
        SchedulerRegistry.add(host)
        setCurrent(host)
        begins(host)
        let result = Result { try body() }
        host.setChooser(nil)
        let lost = host.end()
        host.setWorld(nil)
        setCurrent(root)
        if case .failure(let error) = result {
            lost?.report(at: "its host")
            throw error
        }
        if let lost { throw lost.error }
    }
}
