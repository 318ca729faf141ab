import Tasklets

/// Runs a program by the library.
final class GroupInterpreter {
    private var log: [String] = []
    private var isOver = false
    private let promises = (0..<GroupProgram.promiseCount).map { _ in Promise<Void>() }
    private var tasklets: [Int: Tasklet] = [:]

    static func run(_ program: GroupProgram) throws -> [String] {
        let interpreter = GroupInterpreter()
        do { try interpreter.run(program) } catch  where interpreter.isOver {}
        return interpreter.log
    }

    private func run(_ program: GroupProgram) throws {
        try Scheduler.scope {
            for body in program.bodies {
                tasklets[body.number] = Tasklet(name: "\(body.number)") { _ = try self.run(body) }
            }
            while true {
                do {
                    try Tasklet.run()
                    break
                } catch { note("main caught \(GroupInterpreter.failure(error))") }
            }
            // What the end of the scope does is not the program's, nor the error that comes of it.
            isOver = true
            tasklets = [:]
        }
    }

    private func note(_ event: String) {
        if !isOver { log.append(event) }
    }

    private static func failure(_ error: any Error) -> GroupProgram.Failure {
        switch error {
        case is TaskletExit: .exit
        case is CancellationError: .cancellation
        default: error as! GroupProgram.Failure
        }
    }

    private func run(_ body: GroupProgram.Body) throws -> Int {
        do {
            try run(body.steps, body.number)
            note("\(body.number) ends")
            return body.number
        } catch {
            note("\(body.number) ends by \(GroupInterpreter.failure(error))")
            throw error
        }
    }

    private func run(_ steps: [GroupProgram.Step], _ me: Int) throws {
        for step in steps { try run(step, me) }
    }

    private func run(_ step: GroupProgram.Step, _ me: Int) throws {
        switch step {
        case .giveWay: try Tasklet.schedule()
        case .await(let number):
            try promises[number].value()
            note("\(me) got \(number)")
        case .fulfill(let number):
            guard promises[number].result == nil else { return }
            promises[number].fulfill(())
            note("\(me) fulfilled \(number)")
        case .cancel(let number):
            tasklets[number]?.cancel()
            note("\(me) cancelled \(number)")
        case .kill(let number):
            note("\(me) kills \(number)")
            try tasklets[number]?.kill(pending: true)
        case .fail: throw GroupProgram.Failure.failure(me)
        case .catching(let steps):
            do {
                try run(steps, me)
            } catch { note("\(me) caught \(GroupInterpreter.failure(error))") }
        case .shield(let steps): try withCancellationShield { try run(steps, me) }
        case .group(let limit, let children, let takes, let rest):
            try runGroup(limit: limit, children, takes: takes, rest: rest, me)
        }
    }

    private func runGroup(
        limit: Int,
        _ children: [GroupProgram.Body],
        takes: Bool,
        rest: [GroupProgram.Step],
        _ me: Int
    ) throws {
        try withTaskletGroup(of: Int.self, limit: limit) { group in
            group.onError = { self.note("\(me) hears of \($0.taskletName): \(GroupInterpreter.failure($0.error))") }
            for child in children {
                tasklets[child.number] = try group.add(name: "\(child.number)") { try self.run(child) }
                note("\(me) added \(child.number)")
            }
            while takes, let number = try group.next() { note("\(me) next \(number)") }
            try run(rest, me)
        }
        note("\(me) left its group")
    }
}
