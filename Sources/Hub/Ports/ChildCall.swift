/// What is said to the system when a child is started.
package struct ChildCall {
    /// The first one is the program.
    let arguments: [String]
    let environment: ChildEnvironment
    let folder: String?
    /// Input, output, errors.
    let streams: [ChildStream]
    /// Whether it leads a group of processes of its own.
    let hasGroup: Bool
}

/// A child that has just been started.
package struct StartedChild {
    let number: Int32
    /// Readable when the child has ended.
    let process: Handle
    /// Our ends of those streams that are pipes.
    let ends: [Handle?]
}
