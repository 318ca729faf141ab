/// A tasklet that holds what others wait for: the holder of a lock.
///
/// It may have ended since, without letting go: then its record may serve another tasklet, or be freed. So the record is
/// compared and never looked into, together with the number, which no other tasklet of its scheduler has; and what
/// reports say is a copy.
@usableFromInline
package struct Holder {
    @usableFromInline package let record: TaskletRecord
    @usableFromInline package let origin: Origin

    /// Inside a gate. The tasklet is the caller, or waits in a line that the caller has entered.
    @inlinable
    package init(_ record: TaskletRecord) {
        self.record = record
        origin = record.fiber.fields.origin
    }

    /// - Parameter tasklet: one that is alive.
    @inlinable
    package func isSame(as tasklet: TaskletRecord) -> Bool {
        record == tasklet && origin.number == tasklet.fiber.fields.origin.number
    }

    /// "'name'", in the report of one who waits. Each thread and each scope has a main tasklet: of another one than the waiter's
    /// own is said whose it is.
    package func mention(for waiter: TaskletRecord) -> String {
        let name = "'\(origin.displayName)'"
        guard origin.isMain, record != waiter.scheduler.main else { return name }
        let isOfThread = origin.line == waiter.scheduler.main.origin.line
        return name + (isOfThread ? " of another scope" : " of thread \(origin.line)")
    }
}
