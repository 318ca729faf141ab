import CTasklets
import Tasklets

/// A thread with a part of a world.
///
/// Safe because leader and helper take turns: one touches it while the other one waits at a turnstile.
@safe
final class Helper: @unchecked Sendable {
    enum Order {
        /// Make the part. Where everyone of it is goes to the entries.
        ///
        /// `isShown`: the run has shown steps, and nobody is told of those who join.
        case build(Scenario, from: SavedWorld?, Share, isShown: Bool)
        /// Tell the part's actors this state; then let them fly the next step, and write where they are to the entries.
        case tell(WorldState)
        /// Give all that is needed to make the robots anew.
        case save
        /// Give what the robots believe, also after an error.
        case report
        case end
    }

    /// The leader is told here what has been done.
    private let leader: Turnstile
    private let news: JoinCounter
    private let locals: BoundLocals
    private let own = Turnstile()
    private var orders = 0

    // From the leader.
    private var order = Order.end
    private var entries: UnsafeMutablePointer<Entry>?

    // To the leader.
    private(set) var counts = Tally()
    private(set) var addresses: [Address] = []
    private(set) var saved: [SavedRobot] = []
    private(set) var reports: [Outcome.RobotReport] = []
    private(set) var failure: (any Error)?

    /// Nil when the system has no thread left.
    ///
    /// - Parameter locals: What its robots see of the program's locals.
    init?(telling leader: Turnstile, _ news: JoinCounter, locals: BoundLocals) {
        self.locals = locals
        self.leader = leader
        self.news = news
        let argument = unsafe Unmanaged.passRetained(self)
        let code = unsafe thread_start_with(
            { argument in
                unsafe Unmanaged<Helper>.fromOpaque(argument!).takeRetainedValue().live()
                return nil
            },
            argument.toOpaque()
        )
        if code != 0 {
            unsafe argument.release()
            return nil
        }
    }

    /// Gives an order; the helper raises the leader's turnstile when it is done.
    ///
    /// - Parameter entries: Memory for the entries of the part.
    func give(_ order: Order, entries: UnsafeMutablePointer<Entry>? = nil) {
        self.order = order
        unsafe self.entries = unsafe entries
        own.raise()
    }

    private func nextOrder() -> Order {
        orders += 1
        own.wait(for: orders)
        return order
    }

    private func live() {
        if case .build(let scenario, let saved, let share, let isShown) = nextOrder() {
            do {
                try Scheduler.scope {
                    locals.bind()
                    let part = Part(driver: Driver(), share: share, isShown: isShown)
                    do {
                        try self.live(part, scenario, from: saved)
                    } catch {
                        failure = error
                        counts = part.counts.tally
                        leader.raise()
                        standStill(part)
                    }
                }
            } catch {
                // It was lost while the part was being ended.
                if failure == nil { failure = error }
            }
        }
        leader.raise()
    }

    /// Nobody needs the robots that are still to join.
    private struct Superfluous: Error {}

    private func live(_ part: Part, _ scenario: Scenario, from saved: SavedWorld?) throws {
        Tasklet(name: "main") { try part.build(scenario, from: saved) }
        while true {
            switch try part.driver.next() {
            case .joined:
                if !news.add() { throw Superfluous() }
            case .moved:
                unsafe part.writeEntries(to: entries!)
                counts = part.counts.tally
                if addresses.isEmpty { addresses = part.addresses }
                leader.raise()
                guard let state = standStill(part) else { return }
                part.tell(WorldState(sharing: state))
            case .state: fatalError("Only the first part has a display")
            case nil: throw Scheduler.current.core.deadlock
            }
        }
    }

    /// Does what the leader says while everyone stands still.
    ///
    /// - Returns: The state that lets them go on; nil at the end.
    @discardableResult
    private func standStill(_ part: Part) -> WorldState? {
        while true {
            switch nextOrder() {
            case .tell(let state): return state
            case .save:
                saved = part.savedRobots
                leader.raise()
            case .report:
                reports = part.reports
                leader.raise()
            case .end: return nil
            case .build: fatalError("A part is built once")
            }
        }
    }
}
