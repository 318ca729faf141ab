import RobotWorld

/// By which finished runs are known to be of an experiment: hashes of all that decides what its runs are.
struct SweepIdentity: CustomStringConvertible {
    private let parts: [(name: String, hash: Digest)]

    init(_ plan: SweepPlan) {
        let variations = plan.variations.map {
            "\($0.path.text.jsonQuoted): [\($0.values.map(\.text).joined(separator: ", "))]"
        }
        let runs: [String] = [
            variations.joined(separator: ", "), plan.seeds.map { "\($0)" } ?? "", plan.until?.text ?? "",
            plan.quantities.map(\.name).joined(separator: ", "), plan.every.map { "\($0)" } ?? "",
            plan.limit.map { "\($0)" } ?? "",
        ]
        let size = plan.size.map { "\($0.width)x\($0.height)" } ?? ""
        parts = [
            ("the base scenario has changed", SweepIdentity.hash(plan.base.text)),
            ("\(plan.path) has changed", SweepIdentity.hash(runs.joined(separator: "\n"))),
            ("the number of steps has changed", SweepIdentity.hash("\(plan.steps)")),
            ("--world has changed", SweepIdentity.hash(size)),
        ]
    }

    var description: String { parts.map(\.hash.description).joined(separator: " ") }

    /// What has changed since an identity was written; nil when nothing has.
    func change(from former: Substring) -> String? {
        let former = former.split(separator: " ", omittingEmptySubsequences: false)
        guard former.count == parts.count else { return "its first line has changed" }
        let changes = zip(parts, former).filter { $0.hash.description != $1 }.map(\.0.name)
        return changes.isEmpty ? nil : changes.joined(separator: ", ")
    }

    private static func hash(_ text: String) -> Digest {
        var hash = Digest()
        for byte in text.utf8 { hash.add(byte) }
        return hash
    }
}
