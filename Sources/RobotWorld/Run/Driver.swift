import Tasklets

/// The main tasklet of a world's scheduler: it runs the others until one of them hands something over to it.
///
/// Who does so keeps its turn: it goes on first when the driver runs the others again, or never. So nothing of the order
/// of events depends on how often the driver is asked.
package final class Driver {
    package enum Handover {
        /// So many robots have joined, and the world has made no step yet.
        case joined(Int)
        /// Everyone of a part has made a step, and is to be told where the others are: `Part.tell(_:)`.
        case moved
        /// A state has reached the display.
        case state(WorldState)
    }

    private let tasklet: Tasklet
    private var handover: Handover?

    /// Makes the caller, which is main, the driver.
    package init() {
        tasklet = Tasklet.current
    }

    /// Called by another tasklet; returns when the driver runs the others again.
    func take(_ handover: Handover) throws {
        self.handover = handover
        try tasklet.run()
    }

    /// Runs the others; in the driver's own tasklet.
    ///
    /// - Returns: what is handed over; nil when nobody can go on any more.
    /// - Throws: what one of the others has thrown.
    package func next() throws -> Handover? {
        try Tasklet.run()
        return handover.take()
    }
}
