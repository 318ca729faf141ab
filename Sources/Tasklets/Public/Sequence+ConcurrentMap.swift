extension Sequence {
    /// The elements transformed, each in a tasklet of its own, in the order of the sequence.
    ///
    /// ```swift
    /// let pages = try urls.concurrentMap(limit: 8) { try fetch($0) }
    /// ```
    ///
    /// An element is pulled when there is room for it: there are never more than `limit` that were pulled and are not
    /// transformed.
    ///
    /// - Parameters:
    ///   - limit: how many tasklets there may be at once.
    ///   - fileID: where the tasklets are made, for reports.
    ///   - line: where the tasklets are made, for reports.
    ///   - transform: called in a tasklet.
    /// - Throws: the first error of `transform`, when the others, which are cancelled then, have ended; `CancellationError`
    ///   when one of the tasklets was killed or cancelled, so that its output is missing; else as
    ///   ``withTaskletGroup(of:limit:_:)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func concurrentMap<Output>(
        limit: Int = .max,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ transform: (Element) throws -> Output
    ) throws -> [Output] {
        try withoutActuallyEscaping(transform) { transform in
            // All that hold it have ended when the group is left.
            try withTaskletGroup(of: (number: Int, output: Output).self, limit: limit) { group in
                var count = 0
                var elements = makeIterator()
                while true {
                    try group.core.reserve()
                    guard let element = elements.next() else { break }
                    let number = count
                    group.start(fileID: fileID, line: line) { (number, try transform(element)) }
                    count += 1
                }
                group.core.giveBackRoom()
                var outputs = [Output?](repeating: nil, count: count)
                while let (number, output) = try group.next() { outputs[number] = output }
                return try outputs.map { output in
                    // As with a promise whose tasklet has ended without a result.
                    guard let output else { throw CancellationError() }
                    return output
                }
            }
        }
    }
}
