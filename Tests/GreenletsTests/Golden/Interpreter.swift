import Greenlets
import Tasklets
import TestSupport

/// Runs one golden program on greenlets and keeps its log.
final class Interpreter: @unchecked Sendable {
    enum Outcome {
        case goesOn
        case leaves(Datum)
    }

    /// More steps than any program takes: what loops for ever is a bug and must not hang the tests.
    private static let stepLimit = 100_000
    private var steps = 0
    /// Main has ended. What still runs then is not part of the trace.
    private var isOver = false

    private(set) var log: [String] = []
    let globals = Scope(outer: nil)
    /// The variable that the greenlet under construction is stored in.
    var pendingName: String?
    var mainContext = Context()
    var currentGenerator: ProgramGenerator.State?
    var tracer: Datum = .none
    private var thread: TestThread?
    private let mayEnd = Signal()

    private let tracked: Tracked

    private init(_ counter: Tracked.Counter) {
        tracked = Tracked(counter)
    }

    /// Runs the program in a scheduler of its own, until its last line.
    ///
    /// - Parameter counter: says afterwards whether anything is left over that refers to the interpreter.
    static func run(_ program: [Statement], _ counter: Tracked.Counter) -> [String] {
        let interpreter = Interpreter(counter)
        do {
            try Scheduler.scope {
                interpreter.globals.variables["main"] = .greenlet(.current)
                do {
                    _ = try interpreter.execute(program, in: interpreter.globals)
                } catch {
                    interpreter.record("main ended with \(text(ofError: error)): \(error)")
                }
                interpreter.isOver = true
                Scheduler.current.greenletTracer = nil
                Scheduler.current.lostGreenletErrorHandler = { _ in }
            }
        } catch {
            interpreter.log.append("the scope failed with \(error)")
        }
        interpreter.globals.variables = [:]
        return interpreter.log
    }

    func record(_ line: String) {
        if !isOver { log.append(line) }
    }

    func execute(_ statements: [Statement], in scope: Scope) throws -> Outcome {
        for statement in statements {
            if case .leaves(let value) = try execute(statement, in: scope) { return .leaves(value) }
        }
        return .goesOn
    }

    private func begin() throws {
        steps += 1
        if isOver { throw GreenletExit() }
        guard steps < Self.stepLimit else {
            record("stopped after \(Self.stepLimit) steps")
            isOver = true
            throw GreenletExit()
        }
    }

    private func execute(_ statement: Statement, in scope: Scope) throws -> Outcome {
        try begin()
        switch statement {
        case .function(let name, let function):
            scope.variables[name] = .function(Datum.Closure(function, in: globals))
        case .type(let name, let fields, let run):
            scope.variables[name] = .type(ProgramType(fields: fields, run: run))
        case .evaluate(let expression):
            _ = try evaluate(expression, in: scope)
        case .assign(let name, let expression):
            pendingName = name
            defer { pendingName = nil }
            let value = try evaluate(expression, in: scope)
            (scope.owner(of: name) ?? scope).variables[name] = value
        case .assignProperty(let owner, let property, let value):
            try assign(try evaluate(value, in: scope), to: property, of: try evaluate(owner, in: scope))
        case .log(let parts):
            let texts = try parts.map { text(of: try evaluate($0, in: scope)) }
            record(texts.joined(separator: " ").replacing(" -> ", with: "->"))
        case .raise(let expression):
            switch try evaluate(expression, in: scope) {
            case .error(let error): throw error
            case .errorKind(let kind): throw Self.error(kind, message: nil)
            default: throw Malfunction(description: "raise wants an error")
            }
        case .leave(let expression):
            return .leaves(try expression.map { try evaluate($0, in: scope) } ?? .none)
        case .append(let value, let name):
            let value = try evaluate(value, in: scope)
            guard case .list(let elements)? = scope.owner(of: name)?.variables[name] else {
                throw Malfunction(description: "append wants a list")
            }
            elements.values.append(value)
        case .drop(let name):
            drop(name, in: scope)
        case .attempt(let body, let handlers, let finally):
            return try attempt(body, handlers, finally, in: scope)
        case .choice(let condition, let body, let otherwise):
            return try execute(try isTrue(condition, in: scope) ? body : otherwise, in: scope)
        case .forever(let body):
            while true {
                if case .leaves(let value) = try execute(body, in: scope) { return .leaves(value) }
            }
        case .whileTrue(let condition, let body):
            while try isTrue(condition, in: scope) {
                if case .leaves(let value) = try execute(body, in: scope) { return .leaves(value) }
            }
        case .repeated(let count, let body):
            for _ in 0..<count {
                if case .leaves(let value) = try execute(body, in: scope) { return .leaves(value) }
            }
        case .each(let names, let expression, let body):
            return try iterate(names, try evaluate(expression, in: scope), body, in: scope)
        case .thread(let body, let staysAlive):
            runThread(body, staysAlive: staysAlive)
        case .stopThread:
            mayEnd.give()
            thread?.join()
        case .lostErrorHook(let function):
            let closure = Datum.Closure(function, in: globals)
            Scheduler.current.lostGreenletErrorHandler = { [unowned self] error in
                _ = try? self.call(closure, with: [.error(error)])
            }
        }
        return .goesOn
    }

    private func drop(_ name: String, in scope: Scope) {
        guard let owner = scope.owner(of: name) else { return }
        // Taken out first: what follows from the drop may look at the variables.
        let dropped = owner.variables.removeValue(forKey: name)
        withExtendedLifetime(dropped) {}
    }

    private func attempt(
        _ body: [Statement],
        _ handlers: [Statement.Handler],
        _ finally: [Statement],
        in scope: Scope
    ) throws -> Outcome {
        let result: Result<Outcome, any Error>
        do {
            result = .success(try execute(body, in: scope))
        } catch let error where !isOver {
            let handler = handlers.first { $0.kind == nil || $0.kind == Self.kind(of: error) }
            if let handler {
                if let variable = handler.variable { scope.variables[variable] = .error(error) }
                result = Result { try execute(handler.body, in: scope) }
            } else {
                result = .failure(error)
            }
        }
        if case .leaves(let value) = try execute(finally, in: scope) { return .leaves(value) }
        return try result.get()
    }

    private func iterate(_ names: [String], _ sequence: Datum, _ body: [Statement], in scope: Scope) throws -> Outcome {
        let next: () throws -> Datum?
        switch sequence {
        case .list(let elements):
            var rest = elements.values[...]
            next = { rest.popFirst() }
        case .generator(let generator):
            next = { try self.next(generator) }
        default: throw Malfunction(description: "for wants a list or a generator")
        }
        while let element = try next() {
            if names.count == 1 {
                scope.variables[names[0]] = element
            } else if case .list(let parts) = element {
                for (name, part) in zip(names, parts.values) { scope.variables[name] = part }
            }
            if case .leaves(let value) = try execute(body, in: scope) { return .leaves(value) }
        }
        return .goesOn
    }

    private func runThread(_ body: [Statement], staysAlive: Bool) {
        let ready = Signal()
        let mayEnd = mayEnd
        let program = Smuggled(value: body)
        let thread = TestThread { [self] in
            do {
                _ = try execute(program.value, in: globals)
            } catch {
                record("thread ended with \(error)")
            }
            ready.give()
            if staysAlive { mayEnd.wait() }
        }
        ready.wait()
        if staysAlive { self.thread = thread } else { thread.join() }
    }
}
