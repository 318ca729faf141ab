/// All schedules, the last choice first that has an alternative.
final class FullSearch: SearchState {
    var seesAll: Bool { true }
    private var plan: [(taken: Int, of: Int)] = []
    private var isFirst = true
    private var difference: String?

    func pick(_ choice: Int, of count: Int, in runner: Runner) -> Int {
        if choice == plan.count {
            plan.append((0, count))
            return 0
        }
        let planned = plan[choice]
        guard planned.of == count else {
            difference = difference ?? "at choice \(choice) there were \(planned.of) candidates, and now \(count)."
            return 0
        }
        return planned.taken
    }

    func advance(_ runner: Runner) -> Bool {
        if isFirst {
            isFirst = false
            return true
        }
        while let last = plan.popLast() {
            if last.taken + 1 < last.of {
                plan.append((last.taken + 1, last.of))
                return true
            }
        }
        return false
    }

    func judge(_ runner: Runner) -> Verdict {
        if let difference { return .differs(difference) }
        if runner.choices < plan.count { return .differs("it ended before choice \(runner.choices).") }
        return .counts
    }
}
