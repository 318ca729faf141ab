public import Tasklets

/// A greenlet, whatever its value type.
public protocol AnyGreenlet: AnyObject, CustomStringConvertible {
    /// The name given at creation, else "greenlet-" and a number; "main" for a main greenlet.
    var name: String { get }
    /// Whether it has started and not ended: it runs or is suspended.
    var isActive: Bool { get }
    /// Whether it has ended.
    var isDead: Bool { get }
}

/// A transfer of control from one greenlet to another, as the tracer sees it.
public struct GreenletEvent {
    /// What is being delivered.
    public enum Kind: Sendable {
        /// A value.
        case `switch`
        /// An error.
        case `throw`
    }

    public let kind: Kind
    /// The greenlet that control comes from. The same as `target` when one switches to itself.
    public let origin: any AnyGreenlet
    /// The greenlet that runs on: the current one while the tracer is called.
    public let target: any AnyGreenlet

    @usableFromInline
    init(kind: Kind, origin: any AnyGreenlet, target: any AnyGreenlet) {
        self.kind = kind
        self.origin = origin
        self.target = target
    }
}

extension Scheduler {
    /// Called at every transfer between greenlets of this thread, on the stack of the target, before it goes on.
    ///
    /// It is not told the value or the error. An error that it throws removes it and is raised in the target, whose value
    /// is lost. Switches of the tracer's own are traced too.
    public var greenletTracer: ((GreenletEvent) throws -> Void)? {
        get { Flows.of(core).fields.tracer }
        set {
            Flows.of(core).fields.tracer = newValue
            core.setAttention(.greenletTracing, newValue != nil)
        }
    }

    /// Called with an error that leaves a greenlet or generator while it is being ended because nobody can resume it
    /// any more: there is nobody to throw it to. Without a handler a line on standard error says so.
    public var lostGreenletErrorHandler: ((any Error) -> Void)? {
        get { Flows.of(core).fields.lostErrorHandler }
        set { Flows.of(core).fields.lostErrorHandler = newValue }
    }
}

extension SchedulerCore.Attention {
    /// A tracer wants to be told of switches between greenlets.
    @usableFromInline static var greenletTracing: Self { .module(1) }
}

extension SchedulerCore {
    @usableFromInline @inline(never)
    func noteEvent(_ event: GreenletEvent) {
        Flows.of(self).fields.event = event
    }

    /// Tells the tracer of the transfer that has just arrived.
    func traceArrival() throws {
        let flows = Flows.of(self)
        guard let event = flows.fields.event.take(), let tracer = flows.fields.tracer else { return }
        do {
            try tracer(event)
        } catch {
            flows.fields.tracer = nil
            setAttention(.greenletTracing, false)
            throw error
        }
    }

    @usableFromInline
    func loseError(_ error: any Error, of record: FlowRecord) {
        if error is GreenletExit { return }
        if let handler = Flows.of(self).fields.lostErrorHandler { return handler(error) }
        report("An error was lost while \(record.fields.fiber.origin) was being ended: \(error)")
    }
}
