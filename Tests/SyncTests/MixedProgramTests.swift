import Foundation
import Tasklets
import TestSupport
import Testing

/// Random programs in which all types are mixed, with kills, cancellations, shields and time limits, do the same with the
/// library and with a model in plain arrays, on a virtual clock.
struct MixedProgramTests {
    /// One of the types that have a `Subject`.
    private struct Kind {
        let operations: Int
        let makeSubject: (_ variant: Int) -> any Subject
        let makeModel: (_ variant: Int) -> Model

        init<Tested: Subject, Modelled: Model>(_ subject: Tested.Type, _ model: Modelled.Type) {
            operations = Tested.operations.count
            makeSubject = { Tested(variant: $0) }
            makeModel = { Modelled(variant: $0) }
        }
    }

    private static var kinds: [Kind] {
        [
            Kind(EventSubject.self, EventModel.self), Kind(SemaphoreSubject.self, SemaphoreModel.self),
            Kind(BarrierSubject.self, BarrierModel.self), Kind(LockSubject.self, LockModel.self),
            Kind(RecursiveLockSubject.self, RecursiveLockModel.self), Kind(ConditionSubject.self, ConditionModel.self),
            Kind(ReadWriteLockSubject.self, ReadWriteLockModel.self), Kind(QueueSubject.self, QueueModel.self),
        ]
    }

    /// `MIXED_PROGRAMS=100000` in the environment runs more of them, `MIXED_SEED` begins with another one than 0.
    @Test func randomProgramsDoWhatTheModelSays() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["MIXED_PROGRAMS"].flatMap { UInt64($0) } ?? 3000
        let kinds = Self.kinds
        let first = environment["MIXED_SEED"].flatMap { UInt64($0) } ?? 0
        for seed in first..<first + count {
            let program = MixedProgram(seed: seed, operations: kinds.map(\.operations))
            let models = program.subjects.map { kinds[$0.type].makeModel($0.variant) }
            let expected = MixedModel(program, subjects: models).run()
            let counter = Tracked.Counter()
            var found: [String] = []
            try Scheduler.scope(clock: .virtual) {
                let subjects = program.subjects.map { kinds[$0.type].makeSubject($0.variant) }
                found = try MixedRun(program, subjects: subjects, counter: counter).run()
            }
            if counter.count != 0 { found.append("\(counter.count) values are left") }
            guard found != expected else { continue }
            let same = zip(found, expected).prefix { $0 == $1 }.count
            Issue.record(
                """
                Seed \(seed):
                \(program.places)
                \(program.subjects.map { "\(kinds[$0.type].makeSubject($0.variant)) \($0.variant)" })
                \(program.tasklets.enumerated().map { "\($0.offset): \($0.element)" }.joined(separator: "\n"))
                \(expected.prefix(same).joined(separator: "\n"))
                the library: \(found.dropFirst(same).prefix(5))
                the model: \(expected.dropFirst(same).prefix(5))
                """
            )
            return
        }
    }
}
