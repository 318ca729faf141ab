import Foundation

/// Makes programs in the step language, the same one for the same seed.
///
/// They are written as JSON, so that one that fails can be kept as a case.
struct RandomProgram {
    private var numbers: SeededNumbers
    private let channels: [String]
    private let names: [String]
    private var spawned = 0

    /// The case for a seed, without a trace, and its JSON.
    static func make(seed: UInt64) throws -> (traceCase: TraceCase, json: String) {
        var maker = RandomProgram(seed: seed)
        let json = maker.json(seed: seed)
        return (try JSONDecoder().decode(TraceCase.self, from: Data(json.utf8)), json)
    }

    private init(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        channels = (1...Int.random(in: 1...3, using: &numbers)).map { "c\($0)" }
        names = (1...Int.random(in: 2...5, using: &numbers)).map { "T\($0)" } + ["X"]
        self.numbers = numbers
    }

    // MARK: Choices

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &numbers) < percent }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &numbers) }

    private mutating func pick(_ choices: [String]) -> String { choices[number(0...choices.count - 1)] }

    private mutating func channel() -> String { pick(channels) }

    private mutating func anyone() -> String { chance(20) ? "main" : pick(names + ["E"]) }

    private mutating func error() -> String { pick(["Boom", "Boom", "Zap", "TaskletExit", "StopIteration"]) }

    // MARK: The program

    private mutating func json(seed: UInt64) -> String {
        let settings = channels.map { name in
            "\"\(name)\": {\"preference\": \(number(-1...1)), \"schedule_all\": \(chance(15) ? 1 : 0)}"
        }
        var bodies = ["\"main\": \(list(mainBody()))"]
        for name in names { bodies.append("\"\(name)\": \(list(body()))") }
        bodies.append("\"K\": \(list(["\"log {me} starts, ring {ring}\""] + operations(number(1...3))))")
        return """
            {"name": "seed_\(seed)", "group": "random", "about": "", "kind": "steps", "trace": [],
            "channels": {\(settings.joined(separator: ", "))},
            "program": {\(bodies.joined(separator: ",\n"))}}
            """
    }

    private func list(_ steps: [String]) -> String { "[\(steps.joined(separator: ", "))]" }

    private mutating func mainBody() -> [String] {
        var steps = ["\"create_empty E\""] + names.map { "\"spawn \($0)\"" }
        for step in operations(number(2...10)) {
            steps.append("{\"try\": [\(step)], \"catch\": \"any\", \"do\": [\"log main caught {err}, ring {ring}\"]}")
        }
        steps.append(
            """
            {"repeat": 4, "do": [{"try": ["run", "log run returned, ring {ring}"],
            "catch": "any", "do": ["log run raised {err}, ring {ring}"]}]}
            """
        )
        for name in names + ["E"] { steps.append("\"log end \(name) {state:\(name)}\"") }
        for name in channels { steps.append("\"log end \(name) {balance:\(name)} {queue:\(name)} {closed:\(name)}\"") }
        return steps
    }

    private mutating func body() -> [String] {
        var steps = ["\"log {me} starts, ring {ring}\""] + operations(number(2...8)) + ["\"log {me} ends\""]
        if chance(20) { steps = ["{\"repeat\": \(number(2...3)), \"do\": \(list(steps))}"] }
        guard chance(40) else { return steps }
        var finally = ["\"log {me} finally, ring {ring}\""]
        if chance(40) { finally += operations(number(1...2)) }
        if chance(20) {
            return ["{\"try\": \(list(steps)), \"catch\": \"any\", \"do\": \(list(finally + operations(1)))}"]
        }
        return ["{\"try\": \(list(steps)), \"finally\": \(list(finally))}"]
    }

    // MARK: Operations

    private mutating func operations(_ count: Int) -> [String] {
        var steps: [String] = []
        for _ in 0..<count { steps += operation() }
        return steps
    }

    private mutating func operation() -> [String] {
        switch number(0...99) {
        case 0..<14: guarded("send \(channel()) {me}.\(number(1...99))")
        case 14..<28: guarded("receive \(channel())")
        case 28..<38: guarded(chance(80) ? "schedule" : "schedule v\(number(1...9))")
        case 38..<42: guarded("schedule_remove")
        case 42..<46: guarded("send_exception \(channel()) \(error())")
        case 46..<48: guarded("send_sequence \(channel()) a,b,c")
        case 48..<51: iteration()
        case 51..<56: guarded("run")
        case 56..<64: guarded("\(pick(["kill", "kill", "kill_pending"])) \(anyone())")
        case 64..<69: guarded("\(pick(["throw", "throw_pending", "raise_exception"])) \(anyone()) \(error())")
        case 69..<74: guarded("resume \(anyone())")
        case 74..<77: guarded("switch \(anyone())")
        case 77..<81: guarded("insert \(anyone())")
        case 81..<84: guarded("remove \(anyone())")
        case 84..<87: tasklet()
        case 87..<95: setting()
        case 95: trapped()
        default: chance(50) ? ["\"raise \(error())\""] : ["\"log {me} counts {runcount}, current {current}\""]
        }
    }

    /// An operation whose error is caught, with what can be seen after it.
    private mutating func guarded(_ operation: String) -> [String] {
        let name = channel()
        return [
            """
            {"try": ["\(operation)", "log {me} \(operation.split(separator: " ")[0]) gave {it}"],
            "catch": "error", "do": ["log {me} \(operation): {err}"]}
            """, "\"log {me} ring {ring}, \(name) {balance:\(name)} {queue:\(name)}\"",
        ]
    }

    private mutating func iteration() -> [String] {
        let leaves = chance(30) ? ", {\"try\": [\"break\"]}" : ""
        return [
            """
            {"try": [{"iterate": "\(channel())", "do": ["log {me} iterates {it}"\(leaves)]}, "log {me} iterated"],
            "catch": "error", "do": ["log {me} iteration: {err}"]}
            """
        ]
    }

    private mutating func tasklet() -> [String] {
        spawned += 1
        return switch number(0...3) {
        case 0: guarded("bind E K")
        case 1: guarded("setup E")
        case 2: guarded("bind_args E K")
        default: guarded("spawn K as S\(spawned)")
        }
    }

    private mutating func setting() -> [String] {
        switch number(0...8) {
        case 0, 1: ["\"preference \(channel()) \(number(-1...1))\""]
        case 2: ["\"schedule_all \(channel()) \(number(0...1))\""]
        case 3: ["\"close \(channel())\""]
        case 4: ["\"open \(channel())\""]
        case 5: ["\"block_trap \(pick(["on", "off", "off"]))\""]
        case 6: ["\"error_handler \(pick(["on", "fail", "off"]))\""]
        case 7: ["\"schedule_callback \(pick(["on", "off"]))\""]
        default: ["\"channel_callback \(pick(["on", "off"]))\""]
        }
    }

    /// A few operations under the switch trap.
    private mutating func trapped() -> [String] {
        ["\"switch_trap 1\""] + operations(number(1...2)) + ["\"switch_trap -1\""]
    }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
