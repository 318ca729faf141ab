import Foundation
import Tasklets
import Testing

/// Random programs, with kills and cancellations at every moment, do the same with the library and with a model that is
/// written with arrays.
struct RandomProgramTests {
    /// How many programs there are for each type and variant; the environment may ask for more.
    private static let programs = ProcessInfo.processInfo.environment["SYNC_PROGRAMS"].flatMap(Int.init) ?? 300

    /// Runs the programs of many seeds with both, and compares all that happens.
    private static func compare<Tested: Subject>(
        _ subject: Tested.Type,
        _ model: Model.Type,
        variants: Int = 1,
        times: Int = 1
    ) throws {
        for seed in 0..<UInt64(programs * variants * times) {
            let variant = Int(seed) % variants
            let program = RandomProgram(seed: seed, operations: Tested.operations.count)
            let expected = ModelRun(program, operations: Tested.operations, model: model.init(variant: variant)).run()
            var found: [String] = []
            try Scheduler.scope { found = try ProgramRun<Tested>(program, variant: variant).run() }
            try #require(
                found == expected,
                """
                \(Tested.self), seed \(seed), variant \(variant):
                \(program.tasklets.enumerated().map { "\($0.offset): \($0.element)" }.joined(separator: "\n"))
                """
            )
        }
    }

    @Test func events() throws { try Self.compare(EventSubject.self, EventModel.self) }
    @Test func semaphores() throws { try Self.compare(SemaphoreSubject.self, SemaphoreModel.self, variants: 6) }
    @Test func barriers() throws { try Self.compare(BarrierSubject.self, BarrierModel.self, variants: 3) }
    @Test func locks() throws { try Self.compare(LockSubject.self, LockModel.self) }
    @Test func recursiveLocks() throws { try Self.compare(RecursiveLockSubject.self, RecursiveLockModel.self) }
    @Test func conditions() throws { try Self.compare(ConditionSubject.self, ConditionModel.self, times: 6) }
    @Test func readWriteLocks() throws { try Self.compare(ReadWriteLockSubject.self, ReadWriteLockModel.self) }
    @Test func queues() throws { try Self.compare(QueueSubject.self, QueueModel.self, variants: 9) }
}
