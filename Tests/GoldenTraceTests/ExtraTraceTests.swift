import Foundation
import Testing

extension GoldenTraceTests {
    static let extraFolder = ProcessInfo.processInfo.environment["EXTRA_TRACES"]

    /// Further cases, kept outside of the repository: the variable `EXTRA_TRACES` names their folder.
    @Test("Every case in the folder EXTRA_TRACES gives the golden trace", .enabled(if: extraFolder != nil))
    func extraCases() throws {
        let folder = try #require(Self.extraFolder)
        var cases: [TraceCase] = []
        for file in try TraceLibrary.files(in: URL(fileURLWithPath: folder, isDirectory: true)) {
            do {
                cases += try TraceLibrary.cases(of: file)
            } catch {
                Issue.record(error)
            }
        }
        try #require(!cases.isEmpty, "EXTRA_TRACES: \(folder) holds no .json or .jsonl case")
        let steps = cases.filter { !$0.isProse }
        var covered: [String] = []
        var differing = 0
        for traceCase in steps {
            guard let difference = Comparison(traceCase).difference else { continue }
            if let reason = LeftOutCases.reason(for: traceCase) {
                covered.append("\(traceCase.name) differs, covered by \(reason)")
            } else {
                differing += 1
                Issue.record("\(traceCase.name)\n\(difference)")
            }
        }
        for prose in cases where prose.isProse {
            try report(prose)
        }
        let passing = steps.count - differing - covered.count
        print("EXTRA_TRACES: \(passing) of \(steps.count) cases in \(folder) pass, \(differing) differ")
        for line in covered { print("EXTRA_TRACES: \(line)") }
    }

    /// A case in prose has a test of its own, which holds for an extra one only if both say the same.
    private func report(_ prose: TraceCase) throws {
        let own = try TraceLibrary.fixtures.get().first { $0.name == prose.name && $0.isProse }
        guard let own else {
            print("EXTRA_TRACES: \(prose.name) is in prose and needs a test written by hand")
            return
        }
        #expect(own.trace == prose.trace, "\(prose.name) has another trace than the case of that name here")
    }
}

extension LeftOutCases {
    /// Why a case may differ: it is on the list, or it says itself that it shows a bug of the original.
    fileprivate static func reason(for traceCase: TraceCase) -> String? {
        if let reason = byName[traceCase.name] { return reason.rawValue }
        return traceCase.quirks.isEmpty ? nil : "quirk \(traceCase.quirks.joined(separator: ", "))"
    }
}
