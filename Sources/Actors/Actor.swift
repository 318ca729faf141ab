public import Channels
public import Tasklets

/// Something with a life of its own: an inbox, and a tasklet that takes one message after the other and handles it.
///
/// ```swift
/// enum Order {
///     case deposit(Int)
///     case balance(Promise<Int>)
/// }
///
/// final class Account: Actor<Order> {
///     private var balance = 0
///
///     override func handle(_ order: Order) throws {
///         switch order {
///         case .deposit(let amount): balance += amount
///         case .balance(let answer): answer.fulfill(balance)
///         }
///     }
/// }
///
/// let account = try Account(name: "account")
/// try account.tell(.deposit(5))
/// let balance = Promise<Int>()
/// try account.tell(.balance(balance))
/// print(try balance.value())
/// ```
///
/// Only the actor's own tasklet uses the actor's state. To read or change it, send the actor a message. Messages are handled one
/// at a time, in the order in which they were sent: while the handling of one waits, the senders of the next ones wait. Two actors that
/// send to each other while both handle a message deadlock; <doc:Actors#Who-waits-for-whom> tells how to avoid that.
///
/// An actor keeps itself alive until its tasklet ends.
open class Actor<Message> {
    /// The channel that the actor receives from. Pass it to code that sends to the actor and needs nothing else of it.
    public let inbox: Channel<Message>
    /// The tasklet in which the actor handles its messages: to end it at once, or to see what it does.
    public let tasklet: Tasklet

    /// Makes an actor and puts its tasklet at the end of the run queue.
    ///
    /// The tasklet may run as soon as the caller waits: what a subclass adds has to be set before it calls this.
    ///
    /// - Parameters:
    ///   - name: Of the inbox, and of the tasklet, for reports.
    ///   - stackSize: For what handling a message needs, in bytes.
    /// - Throws: Nothing of its own; a subclass may.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public init(name: String, stackSize: Int = Tasklet.defaultStackSize) throws {
        inbox = Channel(name: name)
        tasklet = Tasklet(name: name, stackSize: stackSize)
        try begin()
    }

    /// Makes an actor for an inbox that there is already.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    package init(inbox: Channel<Message>, name: String) throws {
        self.inbox = inbox
        tasklet = Tasklet(name: name)
        try begin()
    }

    @usableFromInline
    final func begin() throws {
        try tasklet.bind { try self.live() }
        try tasklet.setup()
    }

    /// Does what a message asks for. Called in the actor's tasklet with each of them.
    ///
    /// - Parameter message: What has been sent to the actor.
    /// - Throws: What it throws ends the actor, and goes to whoever runs the scheduler, as from every tasklet.
    open func handle(_ message: Message) throws {
        fatalError("\(type(of: self)) has no handle(_:); override it")
    }

    /// The actor's life: takes messages from the inbox and handles them, until the inbox is closed and empty.
    ///
    /// - Throws: What ``handle(_:)`` throws.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    open func live() throws {
        while let message = try inbox.next() { try handle(message) }
    }

    /// Sends the actor a message, and returns once it has taken it.
    ///
    /// - Parameter message: What is sent.
    /// - Throws: `ChannelError.closed` when the actor has been told to stop; and as `Channel.send(_:)`.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public final func tell(_ message: consuming Message) throws {
        try inbox.send(message)
    }

    /// Has the actor end when it has handled what has been sent so far. From now on nobody can send it anything.
    public final func stop() {
        inbox.finish()
    }
}
