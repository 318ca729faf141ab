import ArgumentParser
import Glibc
import RobotWorld

extension RobotsCommand {
    /// Reads a whole number of some range.
    static func number<Number: FixedWidthInteger & Sendable>(
        _ range: ClosedRange<Number>
    ) -> @Sendable (String) throws -> Number {
        { text in
            guard let number = Number(text), range.contains(number) else {
                throw ValidationError("give a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }

    /// What is to be said beside an error of the options: a file's name may begin like an option.
    static func hint(for error: any Error) -> String {
        let words = FileName.arguments
        for (option, value) in zip(words, words.dropFirst()) {
            guard value.utf8.first == UInt8(ascii: "-"), !value.hasPrefix("--"),
                message(for: error).hasPrefix("Missing value for '\(option) ")
            else { continue }
            return "; for a file of that name give \(option)=\(value)"
        }
        return ""
    }

    func validate() throws {
        if let behaviour, Robot.behaviour(named: behaviour) == nil {
            throw ValidationError("--behaviour: \(behaviour) is no behaviour; give \(Robot.behaviourNames)")
        }
        if let record, !record.isEmpty, Recording.Format(path: record) == nil, isNameOfFile(record) {
            throw ValidationError("--record: \(record) ends neither in .mp4 nor in .gif; give a name that does")
        }
        _ = try size
        _ = try chart.map(ChartQuantity.all)
        try validateRepetitions()
        try validateReplay()
        try validateCombinations()
        try validateOutputs()
    }

    /// False for a descriptor, a pipe or a device; true also for what cannot be found.
    private func isNameOfFile(_ path: String) -> Bool {
        switch try? OutputPlace(path: path) {
        case .file, nil: true
        case .descriptor, .descriptorOfAnother, .special: false
        }
    }

    /// The last one would count, and the others would be lost.
    private func validateRepetitions() throws {
        var former: Set<Substring> = []
        for word in FileName.arguments where word.hasPrefix("--") {
            let option = word.prefix { $0 != "=" }
            if !former.insert(option).inserted { throw ValidationError("\(option) is given twice; give it once") }
        }
    }

    /// The size that --world gives.
    var size: WorldSize? {
        get throws {
            guard let world else { return nil }
            let numbers = world.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
            guard numbers.count == 2, numbers.allSatisfy({ (1...WorldSize.most).contains($0) }) else {
                let range = "two whole numbers from 1 to \(WorldSize.most)"
                throw ValidationError("--world: \(world) is no size; give \(range), such as 800x600")
            }
            return WorldSize(width: Double(numbers[0]), height: Double(numbers[1]))
        }
    }

    /// What is written of a sweep.
    var sweepOutputs: SweepOutputNames { SweepOutputNames(table: table, statistics: statistics, plot: plot) }

    private func validateCombinations() throws {
        let needed: [(option: String, isGiven: Bool, other: String, isOtherGiven: Bool)] = [
            ("seed", seed != nil, "robots", robots != nil),
            ("behaviour", behaviour != nil, "robots", robots != nil),
            ("every", every != nil, "states", states != nil),
            ("messages-steps", messagesSteps != nil, "messages", messages != nil),
            ("save-every", saveEvery != nil, "save", save != nil),
            ("table", table != nil, "sweep", sweep != nil),
            ("statistics", statistics != nil, "sweep", sweep != nil),
            ("plot", plot != nil, "sweep", sweep != nil),
        ]
        for (option, isGiven, other, isOtherGiven) in needed where isGiven && !isOtherGiven {
            throw ValidationError("--\(option) says nothing without --\(other); give both")
        }
        if scenario != nil && robots != nil {
            throw ValidationError("--scenario and --robots both say which robots take part; give one of them")
        }
        for (option, isGiven) in [("scenario", scenario != nil), ("robots", robots != nil), ("world", world != nil)]
        where resume != nil && isGiven {
            throw ValidationError("--\(option): a resumed run has its robots and walls already; give one of the two")
        }
        if fps != nil && headless && record == nil && sweep == nil {
            throw ValidationError("--fps says nothing with --headless and without --record; leave it out")
        }
        if headless && screenshot != nil {
            throw ValidationError("--screenshot: there is no frame with --headless; give one of them")
        }
        for (option, isGiven) in [("messages", messages != nil), ("timeline", timeline != nil)]
        where isGiven && threads ?? 1 > 1 {
            let reason = "events of several threads have no order that is the same in every run"
            throw ValidationError("--\(option): \(reason); give it or --threads \(threads ?? 1)")
        }
        if headless && chart != nil {
            throw ValidationError("--chart: there is no window with --headless; give one of them")
        }
        guard sweep != nil else { return }
        let others = [
            ("scenario", scenario != nil), ("robots", robots != nil), ("resume", resume != nil), ("save", save != nil),
            ("states", states != nil), ("messages", messages != nil), ("trails", trails != nil),
            ("record", record != nil), ("screenshot", screenshot != nil), ("timeline", timeline != nil),
            ("fps", fps != nil), ("threads", threads != nil), ("chart", chart != nil),
        ]
        for (option, isGiven) in others where isGiven {
            throw ValidationError("--\(option) is for a single run; give it or --sweep")
        }
    }

    /// A recorded run is neither made nor written again.
    private func validateReplay() throws {
        guard replay != nil else { return }
        if headless {
            throw ValidationError("--headless: there is no window then to show the recorded run; leave one of them out")
        }
        let others = [
            ("steps", steps != nil), ("scenario", scenario != nil), ("robots", robots != nil), ("seed", seed != nil),
            ("behaviour", behaviour != nil), ("resume", resume != nil), ("save", save != nil), ("sweep", sweep != nil),
            ("states", states != nil), ("messages", messages != nil), ("trails", trails != nil),
            ("timeline", timeline != nil), ("chart", chart != nil), ("summary-json", summaryJson),
            ("threads", threads != nil),
            ("table", table != nil), ("statistics", statistics != nil), ("plot", plot != nil),
        ]
        for (option, isGiven) in others where isGiven {
            throw ValidationError("--\(option) is for a new run; give it or --replay")
        }
    }

    /// No file is written twice, and none that is read. Only a run that is resumed may be saved where it was.
    private func validateOutputs() throws {
        let inputs = [("scenario", scenario), ("resume", resume), ("sweep", sweep), ("replay", replay)]
        let outputs =
            [
                ("states", states), ("messages", messages), ("screenshot", screenshot), ("save", save),
                ("trails", trails),
                ("record", record), ("timeline", timeline),
            ] + sweepOutputs.all
        for (option, path) in inputs + outputs where path == "" {
            throw ValidationError("--\(option): the name is empty; give the name of a file, or -")
        }
        var former: [(option: String, identity: FileIdentity)] = inputs.compactMap { option, path in
            path.flatMap(FileIdentity.init(ofInput:)).map { (option, $0) }
        }
        for (option, path) in outputs {
            guard let path, let identity = FileIdentity(ofOutput: path) else { continue }
            if let other = former.first(where: { $0.identity == identity && ($0.option, option) != ("resume", "save") })
            {
                throw ValidationError("--\(option): \(path) is the --\(other.option) file already; name another one")
            }
            // The summary, or an error, would go to the file that is replaced.
            if case .file = try? OutputPlace(path: path) {
                for (number, name) in [(STDOUT_FILENO, "output"), (STDERR_FILENO, "error")]
                where FileIdentity(ofDescriptor: number) == identity {
                    throw ValidationError(
                        "--\(option): \(path) is where standard \(name) goes already; name another one, or /dev/std"
                            + "\(name == "output" ? "out" : "err") to write there"
                    )
                }
            }
            former.append((option, identity))
        }
    }
}
