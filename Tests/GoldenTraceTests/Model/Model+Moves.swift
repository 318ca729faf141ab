/// The moves of which all scheduling consists.
extension Model {
    func append(_ tasklet: ModelTasklet) {
        tasklet.place = .queued
        queue.append(tasklet)
    }

    /// The caller goes to the end.
    func giveWay() {
        queue.append(queue.removeFirst())
    }

    /// Makes a tasklet current: a queued one by turning the ring, others in front of the caller.
    func jump(to tasklet: ModelTasklet) {
        if let index = queue.firstIndex(where: { $0 === tasklet }) {
            queue = Array(queue[index...] + queue[..<index])
        } else {
            takeOffChannel(tasklet)
            tasklet.place = .queued
            queue.insert(tasklet, at: 0)
        }
    }

    func takeOffChannel(_ tasklet: ModelTasklet) {
        guard case .blocked(let name) = tasklet.place else { return }
        channels[name]?.line.removeAll { $0 === tasklet }
        tasklet.offer = nil
        tasklet.place = .paused
    }

    /// Who goes on when nobody is left, and whom uncaught errors reach.
    var watcher: ModelTasklet { runStack.last ?? main }

    /// The last runnable tasklet has left the queue by blocking or pausing; `false` when that is a deadlock.
    func wakeWatcher() -> Bool {
        guard !watcher.isBlocked else { return false }
        append(watcher)
        return true
    }

    /// A tasklet that is current again takes itself, and all that entered later, off the run stack: the innermost first.
    func leaveRunStack(_ tasklet: ModelTasklet) {
        guard let index = runStack.firstIndex(where: { $0 === tasklet }) else { return }
        let woken = runStack[index...]
        runStack.removeSubrange(index...)
        for later in woken.reversed() where later.place == .paused { append(later) }
    }

    /// Ends the current tasklet.
    func end(_ tasklet: ModelTasklet, with error: String?) {
        if tasklet === main {
            if let error { log.append("main uncaught \(error)") }
            isOver = true
            return
        }
        var error = error == "TaskletExit" ? nil : error
        if let kind = error, errorHandler != .off {
            log.append("handler in \(tasklet.name): \(kind)")
            error = errorHandler == .fail ? "Zap" : nil
        }
        queue.removeFirst()
        tasklet.place = .dead
        tasklet.isStarted = false
        if let error {
            let target = watcher
            jump(to: target)
            target.slot = .error(error)
        } else if queue.isEmpty {
            guard let wait = waitOfWatcher else { return append(watcher) }
            jump(to: watcher)
            watcher.slot = .error(wait)
        }
    }

    /// The error for a main that waits on a channel while its last tasklet ends.
    private var waitOfWatcher: String? {
        guard case .blocked(let name) = watcher.place else { return nil }
        return channels[name]?.lineSends == true ? "RuntimeError.mainSending" : "RuntimeError.mainReceiving"
    }
}
