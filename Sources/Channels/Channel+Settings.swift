public import Tasklets

extension Channel {
    /// Who runs after a meeting. What counts is the setting at that moment.
    public var preference: Preference {
        get { queue.inside { unsafe Preference(rawValue: queue.fields.pointee.preference)! } }
        set { queue.inside { unsafe queue.fields.pointee.preference = newValue.rawValue } }
    }

    /// Whether everybody else gets a turn after a meeting, the partner last; overrides ``preference``.
    public var schedulesAll: Bool {
        get { queue.inside { unsafe queue.fields.pointee.schedulesAll } }
        set { queue.inside { unsafe queue.fields.pointee.schedulesAll = newValue } }
    }

    /// How many senders wait; below zero: how many receivers.
    public var balance: Int { queue.inside { unsafe queue.fields.pointee.balance } }

    /// The tasklets that wait, the first in line first.
    public var waiting: [Tasklet] {
        queue.inside {
            var found: [Tasklet] = []
            var tasklet = unsafe queue.fields.pointee.first
            while let current = tasklet {
                found.append(Tasklet.of(current))
                tasklet = current.next
            }
            return found
        }
    }

    /// Says that other threads are going to use this channel.
    ///
    /// A thread whose tasklets are all blocked sleeps if another thread could still end one of the waits: a thread
    /// that has used the channel before and is able to run. Else it gets `DeadlockError`. A thread that has only just
    /// been started is not known yet; `share()` before waiting for it makes the waiting thread sleep. This holds for a thread
    /// whose main tasklet waits at a channel; `run()` does not sleep but returns.
    ///
    /// ```swift
    /// let results = Channel<Int>()
    /// results.share()
    /// Thread { try! results.send(compute()) }.start()
    /// print(try results.receive())
    /// ```
    public func share() {
        queue.promise()
    }
}

// MARK: - Closing

extension Channel {
    /// Refuses to block from now on: a send or receive that finds no partner throws ``ChannelError/closed``.
    ///
    /// Wakes nobody: who waits goes on waiting, and may still be met. See ``finish()``.
    public func close() {
        queue.inside { unsafe queue.fields.pointee.isClosing = true }
    }

    /// Takes ``close()`` back.
    public func open() {
        queue.inside { unsafe queue.fields.pointee.isClosing = false }
    }

    /// Closes the channel and wakes the receivers that wait, in order: their ``receive()`` throws
    /// ``ChannelError/closed``, their ``next()`` gives `nil`.
    ///
    /// Senders that wait stay until they are drained: no value is lost. The woken ones are put at the end of their
    /// run queues; the caller goes on.
    public func finish() {
        queue.finish()
    }

    /// Whether the channel has been closed.
    public var isClosing: Bool { queue.inside { unsafe queue.fields.pointee.isClosing } }

    /// Whether the channel has been closed and nobody waits in it any more.
    public var isClosed: Bool {
        queue.inside { unsafe queue.fields.pointee.isClosing && queue.fields.pointee.first == nil }
    }
}
