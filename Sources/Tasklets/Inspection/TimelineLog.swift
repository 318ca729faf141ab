import CTasklets

/// What the kernel writes down while a ``Timeline`` is recorded: the newest events, in raw memory like everything that a
/// switch touches.
///
/// Safe because its `Timeline` keeps the memory, and takes it away from the scheduler before it goes.
@safe
struct TimelineLog {
    struct Event {
        var ticks: UInt64
        /// Who runs from now on, or receives; 0 when nobody is able to run.
        var tasklet: UInt32
        /// Who sent to it; 0 when this is a switch.
        var sender: UInt32
    }

    /// Safe as the log is.
    @safe
    struct Fields: ~Copyable {
        let events: UnsafeMutablePointer<Event>
        /// A power of two: event number n lies at n modulo this.
        let capacity: Int
        var count = 0
        var names: [UInt32: String] = [:]
    }

    private let memory: UnsafeMutablePointer<Fields>

    private var fields: Fields {
        unsafeAddress { unsafe UnsafePointer(memory) }
        nonmutating unsafeMutableAddress { unsafe memory }
    }

    init(capacity: Int) {
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: Fields(events: .allocate(capacity: capacity), capacity: capacity))
    }

    func free() {
        unsafe fields.events.deallocate()
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }

    @inline(__always)
    func add(_ tasklet: UInt32, sender: UInt32 = 0) {
        let count = fields.count
        let place = count & (fields.capacity &- 1)
        unsafe fields.events[place] = Event(ticks: clock_ticks(), tasklet: tasklet, sender: sender)
        fields.count = count &+ 1
    }

    func name(_ tasklet: TaskletRecord) {
        fields.names[tasklet.timelineNumber] = tasklet.origin.displayName
    }

    /// How many events there were, and how many of them are still there.
    var count: Int { fields.count }
    var keptCount: Int { min(fields.count, fields.capacity) }

    func name(of tasklet: UInt32) -> String {
        fields.names[tasklet] ?? "tasklet-\(tasklet)"
    }

    /// The events that are still there, the oldest first.
    func forEachEvent(_ body: (Event) throws -> Void) rethrows {
        let capacity = fields.capacity
        for number in count - keptCount..<count {
            try unsafe body(fields.events[number & (capacity - 1)])
        }
    }
}

extension TaskletRecord {
    /// The tasklet's track. The low half of its number: after four thousand million tasklets they repeat.
    fileprivate var timelineNumber: UInt32 { UInt32(truncatingIfNeeded: fields.fiber.origin.number) }
}

extension SchedulerCore {
    /// The rest of `beforeSwitch` while a timeline is recorded.
    func noteSwitch(to tasklet: TaskletRecord) {
        fields.timeline?.add(tasklet.timelineNumber)
    }

    /// Nobody is able to run, and the thread goes to sleep.
    func noteSleep() {
        fields.timeline?.add(0)
    }

    /// Called by whatever passes something from tasklet to tasklet, inside the gate, when `attention` has `timeline`.
    /// Partners of two threads have no common timeline.
    package func noteMeeting(with partner: TaskletRecord, sending isSending: Bool) {
        guard partner.scheduler == self, let timeline = fields.timeline else { return }
        let me = self.me
        let sender = isSending ? me : partner
        let receiver = isSending ? partner : me
        timeline.add(receiver.timelineNumber, sender: sender.timelineNumber)
    }

    func noteName(of tasklet: TaskletRecord) {
        fields.timeline?.name(tasklet)
    }

    /// From now on everything is noted in `log`. False when another one is being written.
    func beginTimeline(_ log: TimelineLog) -> Bool {
        _ = enter()
        defer { leave() }
        guard fields.timeline == nil else { return false }
        fields.timeline = log
        forEachLiving { tasklet in
            noteName(of: tasklet)
            return true
        }
        noteSwitch(to: me)
        setAttention(.timeline, true)
        return true
    }

    func endTimeline() {
        _ = enter()
        defer { leave() }
        setAttention(.timeline, false)
        // Ends the last slice.
        noteSleep()
        fields.timeline = nil
    }
}
