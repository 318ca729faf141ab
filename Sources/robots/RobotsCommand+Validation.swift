import ArgumentParser
import Glibc
import RobotWorld

extension RobotsCommand {
    func validate() throws {
        for (option, value) in [
            ("steps", steps), ("fps", fps), ("robots", robots), ("every", every), ("messages-steps", messagesSteps),
            ("save-every", saveEvery),
        ] {
            if let value, value < 1 {
                throw ValidationError("--\(option): \(value) is too small; give a whole number of at least 1")
            }
        }
        if let robots, robots > Scenario.mostRobots {
            throw ValidationError("--robots: \(robots) is too large; give \(Scenario.mostRobots) at most")
        }
        if let behaviour, Robot.behaviour(named: behaviour) == nil {
            throw ValidationError("--behaviour: \(behaviour) is no behaviour; give \(Robot.behaviourNames)")
        }
        if let record, record != "-", Recording.Format(path: record) == nil {
            throw ValidationError("--record: \(record) ends neither in .mp4 nor in .gif; give a name that does")
        }
        _ = try size
        try validateCombinations()
        try validateOutputs()
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

    private func validateCombinations() throws {
        let needed: [(option: String, isGiven: Bool, other: String, isOtherGiven: Bool)] = [
            ("seed", seed != nil, "robots", robots != nil),
            ("behaviour", behaviour != nil, "robots", robots != nil),
            ("every", every != nil, "states", states != nil),
            ("messages-steps", messagesSteps != nil, "messages", messages != nil),
            ("save-every", saveEvery != nil, "save", save != nil),
            ("sweep", sweep != nil, "steps", steps != nil),
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
        if headless && screenshot != nil {
            throw ValidationError("--screenshot: there is no frame with --headless; give one of them")
        }
        guard sweep != nil else { return }
        let others = [
            ("scenario", scenario != nil), ("robots", robots != nil), ("resume", resume != nil), ("save", save != nil),
            ("states", states != nil), ("messages", messages != nil), ("trails", trails != nil),
            ("record", record != nil), ("screenshot", screenshot != nil), ("timeline", timeline != nil),
        ]
        for (option, isGiven) in others where isGiven {
            throw ValidationError("--\(option) is for a single run; give it or --sweep")
        }
    }

    /// No file is written twice, and none that is read. Only a run that is resumed may be saved where it was.
    private func validateOutputs() throws {
        let inputs = [("scenario", scenario), ("resume", resume), ("sweep", sweep)]
        let outputs = [
            ("states", states), ("messages", messages), ("screenshot", screenshot), ("save", save), ("trails", trails),
            ("record", record), ("timeline", timeline),
        ]
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
