import Tasklets

/// A place at which ``explore(_:budget:where:time:fileID:filePath:line:column:_:)`` may let other tasklets run, as at each operation that may
/// switch. Elsewhere it does nothing.
///
/// - Throws: what is sent to the tasklet meanwhile.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
public func interruptionPoint() throws {
    let core = SchedulerCore.current
    try core.beginOperation()
    // It is a step of its own: what follows is the program's.
    if core.isHost { (core.chooser as? HostTurn)?.isAtSeam = false }
}

/// Something that holds now, at each choice of the schedule that is being tried from now on, and at its end: a schedule in which it
/// does not hold fails. Outside ``explore(_:budget:where:time:fileID:filePath:line:column:_:)`` it is looked at once, and traps.
///
/// ```swift
/// check(taken.count <= sent.count, "nothing is taken that was not sent")
/// ```
///
/// - Parameters:
///   - condition: asked between two steps; what would switch traps or throws in it.
///   - text: what holds.
public func check(_ condition: @autoclosure @escaping () -> Bool, _ text: String) {
    guard let runner = Runner.current else {
        guard condition() else { fatalError("Does not hold: \(text)") }
        return
    }
    runner.add(Check(condition: condition, text: text))
}

/// What `check` was given.
struct Check {
    let condition: () -> Bool
    let text: String
}
