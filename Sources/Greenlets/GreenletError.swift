/// Ends a greenlet, or a generator, quietly: thrown in it by ``Greenlet/throw(_:)``, when its last reference goes, or by
/// its own body.
///
/// It never comes out of its greenlet as an error; the parent gets it as a value (<doc:WhichOne#Values-and-types>). A
/// `catch` without a type catches it too: whoever catches everything should throw it again.
public struct GreenletExit: Error, Equatable, CustomStringConvertible {
    /// Said by whoever threw it.
    public let reason: String?

    public init(_ reason: String? = nil) {
        self.reason = reason
    }

    public var description: String { reason.map { "GreenletExit(\($0))" } ?? "GreenletExit" }
}

/// What a greenlet or a generator refuses. Nothing has changed: who was suspended still is.
public enum GreenletError: Error, Equatable, CustomStringConvertible {
    /// Switch or throw to a greenlet of another thread, or of another `Scheduler.scope`.
    case otherThread
    /// Switch or throw to a greenlet of another tasklet, or of a flow around or inside this one.
    case otherTree
    /// Switch or throw to a greenlet whose tasklet or thread has ended.
    case ended
    /// A first switch to a greenlet without a body.
    case noBody
    /// A body for a greenlet that has started.
    case alreadyStarted
    /// A parent that has the greenlet among its own parents, or is the greenlet itself.
    case parentCycle
    /// A parent from another tree for a greenlet that has started.
    case parentInOtherTree
    /// A parent for the main greenlet.
    case mainHasNoParent
    /// A child ended with ``GreenletExit``, and the value type has no value that could say so.
    case exitedWithoutValue
    /// A generator is advanced from inside itself, or while it waits in another tasklet.
    case generatorIsRunning
    /// `yield` is called where its generator does not run: after its end, or in another tasklet.
    case yieldOutside
    /// The system has no memory left for the stack.
    case outOfMemory

    public var description: String {
        switch self {
        case .otherThread:
            "The greenlet or generator belongs to another thread (or scheduler scope) and runs there only; "
                + "send it a value over a channel."
        case .otherTree:
            "The greenlet belongs to the tree of another tasklet or of another flow of this one; "
                + "send it a value over a channel, or make it where it is used."
        case .ended: "The tasklet or thread of the greenlet has ended, and the greenlet with it."
        case .noBody: "The greenlet has no body; give it one with bind."
        case .alreadyStarted: "The greenlet has started, and its body cannot be exchanged any more."
        case .parentCycle: "The greenlet would become its own parent; choose one that is not among its children."
        case .parentInOtherTree: "The greenlet has started in one tree and cannot get a parent in another one."
        case .mainHasNoParent: "A main greenlet has no parent; make a greenlet of your own to give it one."
        case .exitedWithoutValue:
            "A child ended with GreenletExit, so there is no value to return; use an optional as the value type."
        case .generatorIsRunning:
            "The generator is running already: it was advanced from inside itself, or waits in another tasklet."
        case .yieldOutside:
            "yield was called where its generator does not run; it belongs to the body, for as long as that runs."
        case .outOfMemory: "The system has no memory left for the stack; end some greenlets or ask for less."
        }
    }
}
