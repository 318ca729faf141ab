import ArgumentParser
import RobotWorld

/// Many runs, as many at a time as there are processors, each in a thread with a scheduler of its own.
///
/// The file has a list of scenarios, or says how the runs of an experiment differ:
///
///     {"scenarios": ["narrow.json", {"robots": [{"count": 1000, "seed": 7, "behaviour": "wander"}]}]}
///
///     {"base": "small.json", "vary": {"robots.0.count": [100, 200]}, "seeds": {"from": 1, "count": 20}, "steps": 5000}
struct Sweep {
    let path: String
    /// How the options change what the file says.
    let options: Options
    let asJSON: Bool
    /// What is written of an experiment.
    let outputs: SweepOutputNames

    struct Options {
        /// Moves the walls of all scenarios.
        let size: WorldSize?
        /// How long each run is.
        let steps: Int?
    }

    func run() throws {
        let text = JSONText(path: path, bytes: try contents(of: path, named: "with --sweep"))
        let file = try JSONObject(text, expectation: "{\"scenarios\": […]}")
        let isExperiment = !file.has("scenarios") && SweepPlan.keys.contains(where: file.has)
        if isExperiment {
            let plan = try SweepPlan(file, options: options)
            try checkOutputs(of: plan)
            try Experiment(plan: plan, asJSON: asJSON, outputs: outputs).run()
        } else {
            // Neither a list nor an experiment: that comes first.
            if !file.has("scenarios") { _ = try SweepList(file, size: options.size) }
            if let option = outputs.given.first?.option {
                let message = "--\(option): \(path) is no experiment, of which it could be written"
                throw Failure.wrongOptions("\(message); give a sweep with \"base\", or leave it out")
            }
            guard let steps = options.steps else {
                throw Failure.wrongOptions("--sweep says nothing without --steps; give both")
            }
            try SweepList(file, size: options.size).run(steps: steps, asJSON: asJSON)
        }
    }

    /// The base scenario, whose name only the sweep tells, is not written over.
    private func checkOutputs(of plan: SweepPlan) throws {
        guard let base = FileIdentity(ofInput: plan.baseText.path) else { return }
        for (option, path) in outputs.all {
            guard let path, FileIdentity(ofOutput: path) == base else { continue }
            throw Failure.wrongOptions("--\(option): \(path) is the base scenario already; name another one")
        }
    }

    /// A path that is named in a file at another path: beside that, unless it says where it is.
    static func path(of name: String, namedIn path: String) -> String {
        let (folder, _) = path.splitAtLastSlash
        // A file called `-` is one of that name here.
        return name.isAbsolutePath ? name : (name == "-" && folder.isEmpty ? "./" : folder) + name
    }
}

extension Failure {
    /// What is found only when a file has been read is said as other errors of the options are.
    static func wrongOptions(_ message: String) -> Failure {
        Failure(message: "\(message); robots --help explains the options", exitCode: .validationFailure)
    }
}
