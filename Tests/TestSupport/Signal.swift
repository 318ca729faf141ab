import Dispatch

/// Something one thread tells another. It waits in the system, so the library counts the thread as able to run.
package struct Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    package init() {}

    package func give() { semaphore.signal() }

    package func wait() { semaphore.wait() }
}
