import Greenlets

/// A value of a golden program.
enum Datum {
    case none
    /// What arrives when nothing was sent.
    case nothing
    case truth(Bool)
    case number(Int)
    case text(String)
    case list(Elements)
    /// Several values that were sent together.
    case group([Datum])
    case greenlet(Greenlet<Any>)
    case error(any Error)
    case errorKind(String)
    case function(Closure)
    case type(ProgramType)
    case generator(ProgramGenerator)
    case over
    case variable(ContextVariable)
    case context(Context)

    /// What a list consists of; whoever has the list sees what others append.
    final class Elements {
        var values: [Datum]

        init(_ values: [Datum]) {
            self.values = values
        }
    }

    static func list(_ values: [Datum]) -> Datum { .list(Elements(values)) }

    /// A function and where it was made.
    final class Closure {
        let function: Function
        let scope: Scope

        init(_ function: Function, in scope: Scope) {
            self.function = function
            self.scope = scope
        }
    }

    /// What was given to a switch.
    init(sent values: [Datum]) {
        self = values.isEmpty ? .nothing : values.count == 1 ? values[0] : .group(values)
    }

    /// What came out of a switch.
    init(arrived value: Any) {
        if let exit = value as? GreenletExit { self = .error(exit) } else { self = value as! Datum }
    }

    /// The arguments of a function that is started with this.
    var arguments: [Datum] {
        switch self {
        case .nothing: []
        case .group(let values): values
        default: [self]
        }
    }
}

/// The variables of a function, or of the program.
final class Scope {
    var variables: [String: Datum] = [:]
    let outer: Scope?

    init(outer: Scope?) {
        self.outer = outer
    }

    /// The scope that has the variable.
    func owner(of name: String) -> Scope? {
        variables[name] != nil ? self : outer?.owner(of: name)
    }
}

struct ProgramError: Error {
    var kind: String
    var message: String?
}

struct Malfunction: Error, CustomStringConvertible {
    var description: String
}

/// A class of a program.
final class ProgramType {
    let fields: [(String, Expression)]
    let run: Function

    init(fields: [(String, Expression)], run: Function) {
        self.fields = fields
        self.run = run
    }
}

/// What the golden programs know as context variables: stored properties of a subclass.
final class Context {
    var values: [ObjectIdentifier: Int] = [:]
}

final class ContextVariable {
    let defaultValue: Int

    init(defaultValue: Int) {
        self.defaultValue = defaultValue
    }
}

/// A greenlet with a context of its own.
final class ContextGreenlet: Greenlet<Any> {
    var context = Context()
    private let code: (Any) throws -> Any

    init(name: String?, code: @escaping (Any) throws -> Any) {
        self.code = code
        super.init(name: name)
    }

    override func run(_ value: Any) throws -> Any { try code(value) }
}

/// An instance of a program's class.
final class ProgramInstance: Greenlet<Any> {
    let scope: Scope
    private unowned let interpreter: Interpreter
    private let function: Function

    init(_ type: ProgramType, name: String?, interpreter: Interpreter) throws {
        scope = Scope(outer: interpreter.globals)
        self.interpreter = interpreter
        function = type.run
        super.init(name: name)
        for (name, value) in type.fields { scope.variables[name] = try interpreter.evaluate(value, in: scope) }
    }

    override func run(_ value: Any) throws -> Any {
        try interpreter.call(Datum.Closure(function, in: scope), with: Datum(arrived: value).arguments)
    }
}

/// A generator of a program, made with the library's.
final class ProgramGenerator {
    let iterator: Generator<Datum>.Iterator
    let state: State

    /// What the body needs; it must not refer to the generator itself.
    final class State {
        var yield: Generator<Datum>.Yield?
        /// The generator whose body asked for the present element.
        weak var outer: State?
        /// Which one goes on when the next element is asked for.
        weak var innermost: State?
    }

    init(_ body: @escaping (State) throws -> Void) {
        let state = State()
        self.state = state
        iterator = Generator<Datum> { [weak state] yield in
            guard let state else { return }
            state.yield = yield
            defer { state.yield = nil }
            try body(state)
        }.makeIterator()
    }
}
