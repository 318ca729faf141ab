import Synchronization

/// An object that is counted while it lives.
package final class Tracked {
    /// Counts the living objects of one test.
    package final class Counter: Sendable {
        private let living = Atomic<Int>(0)

        package init() {}

        package var count: Int { living.load(ordering: .sequentiallyConsistent) }

        fileprivate func add(_ change: Int) {
            living.add(change, ordering: .sequentiallyConsistent)
        }
    }

    private let counter: Counter

    package init(_ counter: Counter) {
        self.counter = counter
        counter.add(1)
    }

    deinit {
        counter.add(-1)
    }
}
