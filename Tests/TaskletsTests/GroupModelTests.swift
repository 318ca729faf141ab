import Foundation
import Testing

/// Random programs of promises, groups, kills and cancellations: the library does what the model says, event by event.
struct GroupModelTests {
    @Test func randomProgramsEqualTheModel() throws {
        let count = ProcessInfo.processInfo.environment["GROUP_PROGRAMS"].flatMap(Int.init) ?? 3_000
        var events = 0
        for seed in 0..<UInt64(count) {
            let program = GroupProgram(seed: seed)
            let expected = GroupModel.run(program)
            let got = try GroupInterpreter.run(program)
            events += got.count
            guard got != expected else { continue }
            let place = zip(got, expected).prefix { $0 == $1 }.count
            Issue.record(
                """
                seed \(seed) differs at event \(place): got \(got.dropFirst(place).prefix(5)), expected \
                \(expected.dropFirst(place).prefix(5)), after \(got.prefix(place).suffix(8))
                """
            )
            return
        }
        #expect(events > 10 * count, "the programs do less than they should")
    }
}
