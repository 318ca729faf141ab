import Greenlets
import Tasklets

extension Interpreter {
    func isTrue(_ condition: Expression, in scope: Scope) throws -> Bool {
        guard case .truth(let isTrue) = try evaluate(condition, in: scope) else {
            throw Malfunction(description: "a condition is neither true nor false")
        }
        return isTrue
    }

    func evaluate(_ expression: Expression, in scope: Scope) throws -> Datum {
        switch expression {
        case .text(let text): return .text(text)
        case .number(let number): return .number(number)
        case .name(let name): return try value(of: name, in: scope)
        case .list(let elements): return .list(try elements.map { try evaluate($0, in: scope) })
        case .function(let function): return .function(Datum.Closure(function, in: globals))
        case .property(let owner, let name): return try property(name, of: try evaluate(owner, in: scope))
        case .call(.property(let owner, let name), let arguments):
            let owner = try evaluate(owner, in: scope)
            return try call(name, of: owner, with: try arguments.map { try evaluate($0, in: scope) })
        case .call(.name(let name), let arguments) where scope.owner(of: name) == nil:
            return try callBuiltIn(name, with: try arguments.map { try evaluate($0, in: scope) })
        case .call(let callee, let arguments):
            let name = pendingName
            let callee = try evaluate(callee, in: scope)
            let arguments = try arguments.map { try evaluate($0, in: scope) }
            switch callee {
            case .function(let closure): return try call(closure, with: arguments)
            case .type(let type): return .greenlet(try ProgramInstance(type, name: name, interpreter: self))
            default: throw Malfunction(description: "\(callee) cannot be called")
            }
        case .index(let list, let index):
            guard case .list(let elements) = try evaluate(list, in: scope),
                case .number(let index) = try evaluate(index, in: scope)
            else { throw Malfunction(description: "an index wants a list and a number") }
            return elements.values[index]
        case .not(let condition): return .truth(try !isTrue(condition, in: scope))
        case .binary("and", let left, let right):
            return .truth(try isTrue(left, in: scope) && isTrue(right, in: scope))
        case .binary(let sign, let left, let right):
            return try combine(sign, try evaluate(left, in: scope), try evaluate(right, in: scope))
        case .greenlet(let body, let parent): return try makeGreenlet(body, parent: parent, in: scope)
        case .contextVariable(let defaultValue): return .variable(ContextVariable(defaultValue: defaultValue))
        case .contextCopy:
            let copy = Context()
            copy.values = context.values
            return .context(copy)
        case .contextShared: return .context(context)
        }
    }

    private func value(of name: String, in scope: Scope) throws -> Datum {
        if let owner = scope.owner(of: name) { return owner.variables[name]! }
        switch name {
        case "none": return .none
        case "true", "false": return .truth(name == "true")
        case "over": return .over
        case "nothing": return .function(Datum.Closure(Function(parameters: [], body: []), in: globals))
        default:
            guard name.first!.isUppercase else { throw Malfunction(description: "there is no variable \(name)") }
            return .errorKind(name)
        }
    }

    private func combine(_ sign: String, _ left: Datum, _ right: Datum) throws -> Datum {
        switch (sign, left, right) {
        case ("is", _, _): return .truth(isSame(left, right))
        case ("==", .number(let left), .number(let right)): return .truth(left == right)
        case ("<", .number(let left), .number(let right)): return .truth(left < right)
        case (">", .number(let left), .number(let right)): return .truth(left > right)
        case ("-", .number(let left), .number(let right)): return .number(left - right)
        case ("*", .number(let left), .number(let right)): return .number(left * right)
        case ("+", .number(let left), .number(let right)): return .number(left + right)
        case ("+", .list(let left), .list(let right)): return .list(left.values + right.values)
        case ("+", _, _): return .text(text(of: left) + text(of: right))
        case ("..<", .number(let left), .number(let right)): return .list((left..<max(left, right)).map(Datum.number))
        case ("...", .number(let left), .number(let right)): return .list((left...right).map(Datum.number))
        case ("without", .list(let left), _):
            return .list(left.values.filter { text(of: $0) != text(of: right) })
        default: throw Malfunction(description: "\(left) \(sign) \(right)")
        }
    }

    private func isSame(_ left: Datum, _ right: Datum) -> Bool {
        switch (left, right) {
        case (.none, .none), (.over, .over): true
        case (.greenlet(let left), .greenlet(let right)): left == right
        case (.function(let left), .function(let right)): left === right
        default: false
        }
    }

    func call(_ closure: Datum.Closure, with arguments: [Datum]) throws -> Datum {
        let function = closure.function
        if function.isGenerator {
            let generator = ProgramGenerator { [unowned self] _ in
                let scope = Scope(outer: closure.scope)
                for (name, value) in zip(function.parameters, arguments) { scope.variables[name] = value }
                _ = try execute(function.body, in: scope)
            }
            return .generator(generator)
        }
        let scope = Scope(outer: closure.scope)
        for (name, value) in zip(function.parameters, arguments) { scope.variables[name] = value }
        if case .leaves(let value) = try execute(function.body, in: scope) { return value }
        return .none
    }

    // MARK: Generators

    func next(_ generator: ProgramGenerator) throws -> Datum? {
        let consumer = currentGenerator
        generator.state.outer = consumer
        currentGenerator = generator.state.innermost ?? generator.state
        defer { currentGenerator = consumer }
        return try generator.iterator.tryNext()
    }

    /// Yields from so many generators outwards.
    private func yield(_ value: Datum, levels: Int) throws {
        guard let here = currentGenerator else { throw ProgramError(kind: "Error", message: "yield outside") }
        var target = here
        for _ in 1..<max(levels, 2) where levels > 1 { target = target.outer! }
        target.innermost = here
        try target.yield!(value)
    }

    private func callBuiltIn(_ name: String, with arguments: [Datum]) throws -> Datum {
        switch (name, arguments.first) {
        case ("current", nil): return .greenlet(.current)
        case ("length", .list(let elements)?): return .number(elements.values.count)
        case ("settrace", let new?):
            let old = threadTracer
            setTracer(new)
            return old
        case ("gettrace", nil): return threadTracer
        case ("Yield", let value?):
            if case .number(let levels)? = arguments.dropFirst().first {
                try yield(value, levels: levels)
            } else {
                try yield(value, levels: 1)
            }
            return .none
        case ("next", .generator(let generator)?): return try next(generator) ?? .over
        case ("list", .generator(let generator)?):
            var elements: [Datum] = []
            while let element = try next(generator) { elements.append(element) }
            return .list(elements)
        case ("zip", .generator(let first)?):
            guard case .generator(let second) = arguments[1] else { break }
            return .generator(
                ProgramGenerator { [unowned self] state in
                    while let left = try next(first), let right = try next(second) {
                        try state.yield!(.list([left, right]))
                    }
                }
            )
        case (_, let message):
            guard name.first!.isUppercase else { break }
            return .error(Self.error(name, message: message.map(text(of:))))
        }
        throw Malfunction(description: "there is no function \(name)")
    }

    // MARK: Tracing

    private var threadTracer: Datum { Scheduler.current.greenletTracer == nil ? .none : tracer }

    private func setTracer(_ new: Datum) {
        guard case .function(let closure) = new else {
            Scheduler.current.greenletTracer = nil
            return
        }
        tracer = new
        Scheduler.current.greenletTracer = { [unowned self] event in
            _ = try call(
                closure,
                with: [
                    .text(event.kind == .switch ? "switch" : "throw"),
                    .greenlet(event.origin as! Greenlet<Any>),
                    .greenlet(event.target as! Greenlet<Any>),
                ]
            )
        }
    }
}
