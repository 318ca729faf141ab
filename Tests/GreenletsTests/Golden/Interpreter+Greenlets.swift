import Greenlets

extension Interpreter {
    /// The interpreter's own frames take more room than a program's.
    static let stackSize = 4 << 20

    func makeGreenlet(_ body: Expression?, parent: Expression?, in scope: Scope) throws -> Datum {
        let name = pendingName
        pendingName = nil
        let parent: Greenlet<Any>? = try parent.map {
            guard case .greenlet(let parent) = try evaluate($0, in: scope) else {
                throw Malfunction(description: "a parent is a greenlet")
            }
            return parent
        }
        guard let body else { return .greenlet(Greenlet(name: name, parent: parent)) }
        guard case .function(let closure) = try evaluate(body, in: scope) else {
            throw Malfunction(description: "a greenlet wants a function")
        }
        if globals.variables["var"] != nil {
            return .greenlet(ContextGreenlet(name: name, code: code(closure)))
        }
        return .greenlet(Greenlet(name: name, stackSize: Self.stackSize, parent: parent, code(closure)))
    }

    private func code(_ closure: Datum.Closure) -> (Any) throws -> Any {
        { [unowned self] value in try call(closure, with: Datum(arrived: value).arguments) }
    }

    var context: Context { (Greenlet<Any>.current as? ContextGreenlet)?.context ?? mainContext }

    func property(_ name: String, of owner: Datum) throws -> Datum {
        switch (owner, name) {
        case (.greenlet(let greenlet), "parent"): return greenlet.parent.map(Datum.greenlet) ?? .none
        case (.greenlet(let greenlet), "active"): return .truth(greenlet.isActive)
        case (.greenlet(let greenlet), "dead"): return .truth(greenlet.isDead)
        case (.greenlet(let instance as ProgramInstance), _): return instance.scope.variables[name] ?? .none
        case (.generator(let generator), "dead"): return .truth(generator.iterator.isEnded)
        case (.variable(let variable), "get"):
            return .number(context.values[ObjectIdentifier(variable)] ?? variable.defaultValue)
        default: throw Malfunction(description: "\(owner) has no \(name)")
        }
    }

    func assign(_ value: Datum, to property: String, of owner: Datum) throws {
        switch (owner, property, value) {
        case (.greenlet(let greenlet), "parent", .greenlet(let parent)): try greenlet.setParent(parent)
        case (.greenlet(let greenlet), "run", .function(let closure)): try greenlet.bind(code(closure))
        case (.greenlet(let greenlet as ContextGreenlet), "context", .context(let context)): greenlet.context = context
        default: throw Malfunction(description: "\(owner).\(property) cannot be set")
        }
    }

    func call(_ method: String, of owner: Datum, with arguments: [Datum]) throws -> Datum {
        switch (owner, method, arguments.first) {
        case (.greenlet(let greenlet), "switch", _):
            return Datum(arrived: try greenlet.switch(Datum(sent: arguments)))
        case (.greenlet(let greenlet), "throw", nil):
            return Datum(arrived: try greenlet.throw())
        case (.greenlet(let greenlet), "throw", .error(let error)?):
            return Datum(arrived: try greenlet.throw(error))
        case (.greenlet(let greenlet), "throw", .errorKind(let kind)?):
            return Datum(arrived: try greenlet.throw(Self.error(kind, message: nil)))
        case (.variable(let variable), "set", .number(let number)?):
            context.values[ObjectIdentifier(variable)] = number
            return .none
        default: throw Malfunction(description: "\(owner) has no method \(method)")
        }
    }

    // MARK: Texts

    func text(of value: Datum) -> String {
        switch value {
        case .none: "none"
        case .nothing: "()"
        case .truth(let truth): "\(truth)"
        case .number(let number): "\(number)"
        case .text(let text): text
        case .list(let elements): "[\(elements.values.map(text(of:)).joined(separator: ", "))]"
        case .group(let elements): "(\(elements.map(text(of:)).joined(separator: ", ")))"
        case .greenlet(let greenlet): greenlet.name
        case .error(let error): Self.text(ofError: error)
        case .errorKind(let kind): kind
        default: "\(value)"
        }
    }

    static func error(_ kind: String, message: String?) -> any Error {
        kind == "GreenletExit" ? GreenletExit(message) : ProgramError(kind: kind, message: message)
    }

    static func kind(of error: any Error) -> String {
        switch error {
        case is GreenletExit: "GreenletExit"
        case let error as ProgramError: error.kind
        case GreenletError.otherThread, GreenletError.ended: "WrongThread"
        case GreenletError.parentCycle: "ParentCycle"
        case GreenletError.parentInOtherTree: "ParentOnOtherThread"
        case GreenletError.mainHasNoParent: "MainHasNoParent"
        case GreenletError.noBody: "NoRun"
        case GreenletError.alreadyStarted: "AlreadyStarted"
        default: "unexpected \(error)"
        }
    }

    static func text(ofError error: any Error) -> String {
        let message = (error as? ProgramError)?.message ?? (error as? GreenletExit)?.reason
        return kind(of: error) + (message.map { "(\($0))" } ?? "")
    }
}
