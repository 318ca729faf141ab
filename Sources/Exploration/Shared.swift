import Tasklets

/// A variable that several tasklets use. ``Search/independent`` has to know when they do.
///
/// ```swift
/// let balance = Shared(0)
/// Tasklet { balance.value += 10 }
/// ```
///
/// Outside ``explore(_:budget:where:time:fileID:filePath:line:column:_:)`` it is a variable, and costs a few nanoseconds more than one.
public final class Shared<Value> {
    private var content: Value
    private var identity: UInt = 0

    public init(_ value: Value) {
        content = value
        let number = SchedulerCore.current.identityOfNext()
        identity = number != 0 ? number : UInt(bitPattern: ObjectIdentifier(self))
    }

    public var value: Value {
        get {
            touch(writing: false)
            return content
        }
        _modify {
            touch(writing: true)
            yield &content
        }
    }

    private func touch(writing: Bool) {
        let core = SchedulerCore.current
        if core.attention.contains(.exploring) { core.tellChooser(of: identity, writing: writing) }
    }
}
