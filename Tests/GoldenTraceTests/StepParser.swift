/// A step written as a string: an operation and its words, separated by blanks.
extension Step {
    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    init(parsing source: String) throws {
        let words = source.split(separator: " ", maxSplits: 1).map(String.init)
        guard let operation = words.first else { throw Malformed(description: "empty step") }
        var reader = Words(source: source, rest: words.count == 2 ? words[1] : "")
        self = try Self.parse(operation, &reader)
        guard reader.rest.isEmpty else { throw Malformed(description: "'\(source)' has words too many") }
    }

    private static func parse(_ operation: String, _ words: inout Words) throws -> Step {
        switch operation {
        case "log": .log(try words.template())
        case "spawn": try words.bodyAndName { .spawn(body: $0, name: $1) }
        case "create": try words.bodyAndName { .create(body: $0, name: $1) }
        case "create_empty": .createEmpty(try words.word())
        case "bind": .bind(try words.word(), body: try words.word())
        case "bind_args": .bindPaused(try words.word(), body: try words.word())
        case "setup": .setup(try words.word())
        case "insert": .insert(try words.word())
        case "remove": .remove(try words.word())
        case "resume": .resume(try words.word())
        case "switch": .switchTo(try words.word())
        case "kill": .kill(try words.word(), pending: false)
        case "kill_pending": .kill(try words.word(), pending: true)
        case "throw", "raise_exception": .throwInto(try words.word(), try words.error(), pending: false)
        case "throw_pending": .throwInto(try words.word(), try words.error(), pending: true)
        default: try parseScheduling(operation, &words)
        }
    }

    private static func parseScheduling(_ operation: String, _ words: inout Words) throws -> Step {
        switch operation {
        case "run": .run
        case "schedule": .schedule(words.rest.isEmpty ? nil : try words.template())
        case "schedule_remove": .scheduleRemove(words.rest.isEmpty ? nil : try words.template())
        case "set_tempval": .setTemporaryValue(try words.word(), try words.template())
        case "send": .send(try words.word(), try words.template())
        case "receive": .receive(try words.word())
        case "send_exception", "send_throw": .sendError(try words.word(), try words.error())
        case "send_sequence": .sendSequence(try words.word(), try words.word().split(separator: ",").map(String.init))
        case "close": .close(try words.word())
        case "open": .open(try words.word())
        case "preference": .preference(try words.word(), try words.number())
        case "schedule_all": .schedulesAll(try words.word(), try words.number() != 0)
        default: try parseFlow(operation, &words)
        }
    }

    private static func parseFlow(_ operation: String, _ words: inout Words) throws -> Step {
        switch operation {
        case "block_trap": .blockTrap(try words.onOrOff())
        case "atomic": .atomic(try words.onOrOff())
        case "switch_trap": .switchTrap(try words.number())
        case "error_handler": .errorHandler(try words.mode())
        case "schedule_callback": .scheduleCallback(try words.onOrOff())
        case "channel_callback": .channelCallback(try words.onOrOff())
        case "raise": .raise(try words.error())
        case "break": .leaveLoop
        case "return": .leaveBody
        default: throw Malformed(description: "'\(words.source)' is no known step")
        }
    }
}

/// The words behind an operation, taken one after the other.
private struct Words {
    let source: String
    var rest: String

    mutating func word() throws -> String {
        let words = rest.split(separator: " ", maxSplits: 1).map(String.init)
        guard let word = words.first else { throw Step.Malformed(description: "'\(source)' lacks a word") }
        rest = words.count == 2 ? words[1] : ""
        return word
    }

    /// All that is left, as one text.
    mutating func template() throws -> Template {
        defer { rest = "" }
        return try Template(rest)
    }

    mutating func number() throws -> Int {
        let word = try word()
        guard let number = Int(word) else { throw Step.Malformed(description: "'\(source)': \(word) is no number") }
        return number
    }

    mutating func onOrOff() throws -> Bool {
        switch try word() {
        case "on": true
        case "off": false
        default: throw Step.Malformed(description: "'\(source)' wants on or off")
        }
    }

    mutating func error() throws -> ProgramError {
        guard let error = ProgramError(rawValue: try word()) else {
            throw Step.Malformed(description: "'\(source)' names an unknown error")
        }
        return error
    }

    mutating func mode() throws -> Step.ErrorHandlerMode {
        guard let mode = Step.ErrorHandlerMode(rawValue: try word()) else {
            throw Step.Malformed(description: "'\(source)' wants on, fail or off")
        }
        return mode
    }

    /// `BODY` or `BODY as NAME`.
    mutating func bodyAndName(_ make: (_ body: String, _ name: String) -> Step) throws -> Step {
        let body = try word()
        if rest.isEmpty { return make(body, body) }
        guard try word() == "as" else { throw Step.Malformed(description: "'\(source)' wants BODY as NAME") }
        return make(body, try word())
    }
}
