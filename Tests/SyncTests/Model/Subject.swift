import Sync
import Tasklets
import TestSupport

/// One of the library's objects, as random programs use it.
protocol Subject: AnyObject {
    /// What can be done with it; programs have numbers into this.
    static var operations: [String] { get }

    /// - Parameter variant: which form of the object; a model of the same number behaves the same.
    init(variant: Int)

    /// - Parameters:
    ///   - operation: a number into `operations`.
    ///   - tasklet: who does it.
    ///   - step: the number of the step, for values that tell where they come from.
    /// - Returns: what came of it.
    func perform(_ operation: Int, by tasklet: Int, at step: Int) throws -> String

    /// What a tasklet does at its end: it lets go of what it holds.
    func cleanUp(_ tasklet: Int)

    /// What can be seen of the object at the end.
    var state: String { get }
}

/// Runs a random program with the library.
final class ProgramRun<Tested: Subject> {
    private let program: RandomProgram
    private let subject: Tested
    private let log = Log()
    private var tasklets: [Tasklet] = []
    private var isOver = false

    init(_ program: RandomProgram, variant: Int) {
        self.program = program
        subject = Tested(variant: variant)
    }

    /// What happened, and how it ended. Inside a scope of its own, which ends those that are left.
    func run() throws -> [String] {
        for number in program.tasklets.indices { tasklets.append(Tasklet { self.live(number) }) }
        try Tasklet.run()
        defer { isOver = true }
        let living = tasklets.map { $0.isBlocked ? "blocked" : $0.isAlive ? "alive" : "dead" }.joined(separator: " ")
        let faults = SchedulerCore.current.validate().map { "invalid: \($0)" }
        return log.lines + [living, subject.state] + faults
    }

    private func live(_ me: Int) {
        defer { subject.cleanUp(me) }
        for (number, step) in program.tasklets[me].enumerated() {
            do {
                switch step {
                case .operation(let operation):
                    let result = try subject.perform(operation, by: me, at: number)
                    log.note("\(me).\(number) \(Tested.operations[operation]): \(result)")
                case .yield: try Tasklet.schedule()
                case .kill(let target, let pending): try tasklets[target].kill(pending: pending)
                case .cancel(let target): tasklets[target].cancel()
                }
            } catch {
                log.note("\(me).\(number): \(Log.word(for: error))")
                if isOver { return }
            }
        }
    }
}
