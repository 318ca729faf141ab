import CTasklets

/// What the bridge to async functions needs.
extension SystemPorts {
    /// The descriptor of the main queue; `nil` on a thread that is not the main thread.
    static func mainQueue() throws(SystemError) -> Int32? {
        // The queue's first use makes a descriptor, and ends the process without a word when there is none left.
        descriptor_close(try SystemError.check(poll_alarm_make(), "make an eventfd"))
        let descriptor = main_queue_descriptor()
        return descriptor < 0 ? nil : descriptor
    }

    /// Whether something has come since the last time.
    static func takeMainQueue(_ descriptor: Int32) -> Bool { main_queue_take(descriptor) }

    static func drainMainQueue() { main_queue_drain() }

    /// Starts a thread that lives as long as the program.
    static func startThread(_ body: @escaping @convention(c) () -> Void) throws(SystemError) {
        _ = try SystemError.check(thread_start(body), "start a thread")
    }
}
