import CTasklets

extension Tasklet {
    /// Where the tasklet is: the function that parked it, then whoever called that one, and so on down to its body.
    ///
    /// ```swift
    /// for line in reader.backtrace() { print(line) }
    /// // static Tasklets.Tasklet.scheduleRemove() throws -> () at Tasklet+Scheduling.swift:84
    /// // Demo.waitForInput() throws -> () at main.swift:12
    /// // closure #1 () throws -> () in Demo at main.swift:20
    /// ```
    ///
    /// For the current tasklet the first line is the caller of this. Empty before the tasklet has begun and after its end. One
    /// that another thread runs right now is interrupted, as by ``Scheduler/dump(frames:)``.
    ///
    /// A function that the compiler has put into its caller has no line of its own, and a C function that was compiled
    /// without frame pointers may hide its callers. File and line are those of the call, which in an optimized build may be
    /// one inside of such a function; they are missing where the compiler or the linker has left them out. Costs some hundred
    /// microseconds for each line, and some milliseconds for each megabyte of debug information: names and lines are looked
    /// up in the program's file. At most 1000 lines.
    public func backtrace() -> [String] {
        var here = unsafe stack_context()
        unsafe stack_here(&here)
        let core = record.scheduler
        // Its thread changes that under the registry's lock, not inside the gate.
        let isPresent = SchedulerRegistry.presence(of: core) == .present
        let found = core.insideGate { isForeign in
            let frames = unsafe core.frames(of: record, here: isForeign ? nil : here, limit: .max)
            return (frames: frames, sample: isForeign && isPresent ? core.sample(of: record) : nil)
        }
        var names = FunctionNames()
        let addresses = found.sample?.addresses(&names) ?? found.frames
        names.findLines(of: addresses)
        return addresses.map { names[$0] }
    }
}

extension SchedulerCore {
    private static let longestBacktrace = 1000

    /// Addresses of code, the innermost first. Inside the gate.
    ///
    /// - Parameter here: where the calling thread is, if it is the scheduler's own; that frame is left out.
    func frames(of tasklet: TaskletRecord, here: stack_context?, limit: Int) -> [UInt] {
        guard limit > 0, tasklet.state != .dead, let bounds = unsafe stackBounds(of: tasklet),
            let position = unsafe position(of: tasklet, here: here)
        else { return [] }
        let limit = min(limit, SchedulerCore.longestBacktrace)
        // One more, for the frame that is left out.
        let capacity = limit + 1
        let isHere = unsafe here != nil && position.stack_pointer == here?.stack_pointer
        return unsafe withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: capacity) { buffer in
            let count = unsafe withUnsafePointer(to: position) {
                unsafe stack_frames($0, bounds, buffer.baseAddress!, capacity)
            }
            let found = (0..<count).map { unsafe UInt(bitPattern: buffer[$0]) }
            return Array(found.dropFirst(isHere ? 1 : 0).prefix(limit))
        }
    }
}
