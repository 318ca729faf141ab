import Foundation
import TestSupport
import Testing

/// The golden programs, interpreted on the library: each must give the log that the original gave.
@Suite(.serialized)
struct GreenletTraceTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var about: String
        var program: [String]
        var trace: [String]

        var testDescription: String { name }
    }

    private struct Collection: Decodable {
        var cases: [Case]
    }

    /// Cases that show what the library does otherwise on purpose, each with the reason.
    static let leftOut = [
        "thread-ended": """
        Swift cannot free a stack whose frames hold references, so at the end of a thread the cleanup of its \
        suspended greenlets runs; the rest of the trace is the same
        """
    ]

    static let all: [Case] = {
        guard let file = Bundle.module.url(forResource: "Fixtures/greenlet-traces", withExtension: "json"),
            let data = try? Data(contentsOf: file),
            let collection = try? JSONDecoder().decode(Collection.self, from: data)
        else { return [] }
        return collection.cases
    }()

    private func log(of golden: Case) throws -> [String] {
        let counter = Tracked.Counter()
        let log = Interpreter.run(try ProgramParser.parse(golden.program), counter)
        #expect(counter.count == 0, "the interpreter is still there")
        return log
    }

    @Test("A case gives the golden trace", arguments: all.filter { leftOut[$0.name] == nil })
    func golden(_ golden: Case) throws {
        #expect(try log(of: golden) == golden.trace, "\(golden.about)")
    }

    @Test("A case that is left out really differs")
    func leftOutDiffers() throws {
        for (name, reason) in Self.leftOut {
            let golden = try #require(Self.all.first { $0.name == name })
            #expect(
                try log(of: golden) != golden.trace,
                "\(name) gives the golden trace: take it off the list (\(reason))"
            )
        }
    }

    @Test("No case is missing")
    func everyCaseIsThere() {
        #expect(Self.all.count == 84)
        #expect(Set(Self.all.map(\.name)).count == 84)
    }
}
