import Testing

extension GoldenTraceTests {
    /// Without this the model would be worth nothing as a second witness.
    @Test("The model gives every golden trace but those left out")
    func modelGivesGoldenTraces() throws {
        for traceCase in try TraceLibrary.fixtures.get() {
            guard case .steps(let bodies) = traceCase.program else { continue }
            let log = try Model.log(of: bodies, channels: traceCase.channels)
            let difference = Comparison.firstDifference(log, traceCase.trace)
            let isLeftOut = LeftOutCases.byName[traceCase.name] != nil
            #expect(
                (difference != nil) == isLeftOut,
                """
                \(traceCase.name)\(isLeftOut ? ", which is left out," : "") differs in line \(difference ?? -1)
                golden: \(traceCase.trace)
                model:  \(log)
                """
            )
        }
    }

    /// Programs nobody has run on the original. A failure prints the seed and the program, which can be kept as a case.
    @Test("The library does with random programs what the model does", arguments: 0..<10)
    func libraryFollowsModel(block: UInt64) throws {
        var compared = 0
        for seed in block * 60..<(block + 1) * 60 {
            var (traceCase, json) = try RandomProgram.make(seed: seed)
            guard case .steps(let bodies) = traceCase.program else { continue }
            do {
                traceCase.trace = try Model.log(of: bodies, channels: traceCase.channels)
            } catch is Model.Unspecified {
                continue
            }
            compared += 1
            if let difference = Comparison(traceCase).difference {
                Issue.record("seed \(seed): the library differs from the model\n\(difference)\nprogram:\n\(json)")
            }
        }
        #expect(compared > 40, "hardly a program had a specified outcome")
    }
}
