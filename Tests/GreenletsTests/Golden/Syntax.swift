/// The language of the golden programs, parsed.
indirect enum Statement: Sendable {
    case function(name: String, Function)
    case type(name: String, fields: [(String, Expression)], run: Function)
    case evaluate(Expression)
    case assign(name: String, Expression)
    case assignProperty(Expression, property: String, Expression)
    case log([Expression])
    case raise(Expression)
    case leave(Expression?)
    case append(Expression, to: String)
    case drop(String)
    case attempt([Statement], handlers: [Handler], finally: [Statement])
    case choice(Expression, [Statement], otherwise: [Statement])
    case forever([Statement])
    case whileTrue(Expression, [Statement])
    case repeated(Int, [Statement])
    case each([String], Expression, [Statement])
    case thread([Statement], staysAlive: Bool)
    case stopThread
    case lostErrorHook(Function)

    struct Handler: Sendable {
        /// Catches everything when `nil`.
        var kind: String?
        var variable: String?
        var body: [Statement]
    }
}

struct Function: Sendable {
    var parameters: [String]
    var body: [Statement]
    var isGenerator = false
}

indirect enum Expression: Sendable {
    case text(String)
    case number(Int)
    case name(String)
    case list([Expression])
    case function(Function)
    case property(Expression, String)
    case call(Expression, [Expression])
    case index(Expression, Expression)
    case binary(String, Expression, Expression)
    case not(Expression)
    /// `greenlet(f, parent: p)`.
    case greenlet(Expression?, parent: Expression?)
    case contextVariable(defaultValue: Int)
    case contextCopy
    case contextShared
}
