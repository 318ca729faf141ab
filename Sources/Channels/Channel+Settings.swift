public import Tasklets

extension Channel {
    /// Who runs after a meeting. What counts is the setting at that moment.
    public var preference: Preference {
        get { core.inside { core.fields.preference } }
        set { core.inside { core.fields.preference = newValue } }
    }

    /// Whether all other tasklets in the run queue get a turn after a meeting, then the partner, then the caller; overrides
    /// ``preference``.
    public var schedulesAll: Bool {
        get { core.inside { core.fields.schedulesAll } }
        set { core.inside { core.fields.schedulesAll = newValue } }
    }

    /// How many senders wait; below zero: how many receivers.
    public var balance: Int { core.inside { core.balance } }

    /// The tasklets that wait, the first in line first.
    public var waiting: [Tasklet] {
        core.inside {
            var found: [Tasklet] = []
            core.line.forEachEntry { found.append(Tasklet.of($0.tasklet)) }
            return found
        }
    }

    /// Announces that other threads are going to use this channel.
    ///
    /// When the tasklets of a thread wait at an announced channel, the thread sleeps until another thread uses the channel,
    /// also inside `Tasklet.run()`. It does so while the process has another thread, whatever that does. Without the
    /// announcement the thread sleeps only if another thread has used the channel before, and only as long as some other
    /// thread with tasklets is active: awake, or asleep for a time, for the outside or at an announced channel. Otherwise a
    /// `DeadlockError` is thrown. A thread that has only just been started does not count yet, so call this before the wait.
    ///
    /// ``close()`` and ``finish()`` end the announcement.
    ///
    /// ```swift
    /// let results = Channel<Int>()
    /// results.share()
    /// Thread { try! results.send(compute()) }.start()
    /// print(try results.receive())
    /// ```
    public func share() {
        core.line.setPromised(true)
    }
}

// MARK: - Closing

extension Channel {
    /// Refuses to block from now on: a send or receive that finds no partner throws ``ChannelError/closed``.
    ///
    /// Wakes nobody: who waits goes on waiting, and may still be met. See ``finish()``.
    public func close() {
        core.close()
    }

    /// Takes ``close()`` back.
    public func open() {
        core.inside { core.fields.isClosing = false }
    }

    /// Closes the channel and wakes the receivers that wait, in order: their ``receive()`` throws
    /// ``ChannelError/closed``, their ``next()`` gives `nil`.
    ///
    /// Senders that wait stay until they are drained: no value is lost. The woken ones are put at the end of their
    /// run queues; the caller goes on.
    public func finish() {
        core.finish()
    }

    /// Whether the channel has been closed.
    public var isClosing: Bool { core.inside { core.fields.isClosing } }

    /// Whether the channel has been closed and nobody waits in it any more.
    public var isClosed: Bool {
        core.inside { core.fields.isClosing && core.line.first == nil }
    }
}
