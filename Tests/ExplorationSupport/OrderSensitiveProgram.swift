import Tasklets

/// A random program that fails when it ends in another way than by the default order.
package struct OrderSensitiveProgram {
    /// How it ended then.
    package struct OtherEnd: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    package let program: RandomProgram
    private let usual: String

    package init(seed: UInt64) throws {
        let program = RandomProgram(seed: seed)
        self.program = program
        usual = try Scheduler.scope(clock: .virtual) { try program.run() }
    }

    package func run() throws {
        let end = try program.run()
        if end != usual { throw OtherEnd(description: end) }
    }
}
