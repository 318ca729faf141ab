/// The run queue: a ring through the records. `head` is the current tasklet, `head.previous` the last in the queue.
///
/// Written as a list in the comments of the kernel: `[head, next, …, last]`.
extension SchedulerCore {
    /// `[me, a]` → `[me, a, tasklet]`
    @inlinable @inline(__always)
    package func append(_ tasklet: TaskletRecord) {
        tasklet.state = .queued
        guard let head else {
            tasklet.linkAlone()
            self.head = tasklet
            return
        }
        tasklet.link(before: head)
    }

    /// `[me, a]` → `[tasklet, me, a]`
    @inline(__always)
    func prepend(_ tasklet: TaskletRecord) {
        append(tasklet)
        head = tasklet
    }

    /// `[me, a]` → `[me, tasklet, a]`; in front of all when the thread sleeps.
    func insertBehindHead(_ tasklet: TaskletRecord) {
        guard let head else { return append(tasklet) }
        tasklet.state = .queued
        tasklet.link(before: head.successor)
    }

    /// `[me, a, b]` → `[tasklet, a, b, me]`: hand over to a partner.
    @inlinable @inline(__always)
    package func handOver(to tasklet: TaskletRecord) {
        tasklet.state = .queued
        let me = self.me
        tasklet.link(before: me.successor)
        head = tasklet
    }

    /// Takes a tasklet out of the ring. When it was the head the next one becomes it, or nobody if it was alone.
    @inlinable @inline(__always)
    package func unlink(_ tasklet: TaskletRecord) {
        let next = tasklet.successor
        if next == tasklet { head = nil } else if head == tasklet { head = next }
        tasklet.unlink()
    }

    /// The same for the head; its links are left as they are, to be overwritten by those of a line.
    @inlinable @inline(__always)
    package func unlinkHead(_ me: TaskletRecord) {
        let next = me.successor
        if next == me {
            head = nil
        } else {
            let previous = me.predecessor
            previous.next = next
            next.previous = previous
            head = next
        }
    }

    /// Length of the ring, the current tasklet included.
    var runCount: Int {
        var count = 0
        forEachQueued { _ in count += 1 }
        return count
    }

    @inlinable @inline(__always)
    package func forEachQueued(_ body: (TaskletRecord) -> Void) {
        guard let head else { return }
        var tasklet = head
        repeat {
            if tasklet != fields.marker { body(tasklet) }
            tasklet = tasklet.successor
        } while tasklet != head
    }
}
