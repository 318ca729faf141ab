import TestSupport

/// What some tasklets do, made from a seed: operations of one object, and what they do to each other.
struct RandomProgram {
    enum Step {
        /// A number into `Subject.operations`.
        case operation(Int)
        case yield
        case kill(Int, pending: Bool)
        case cancel(Int)
    }

    /// The steps of each tasklet.
    let tasklets: [[Step]]

    init(seed: UInt64, operations: Int) {
        let dice = Dice(seed: seed)
        let count = dice.roll(2...6)
        // Some programs are peaceful, so that they come far.
        let violence = dice.roll(0...2)
        tasklets = (0..<count).map { _ in
            (0..<dice.roll(1...12)).map { _ in
                switch dice.roll(1...20) {
                case 1 where violence > 0: .cancel(dice.roll(0...count - 1))
                case 2...3 where violence > 0: .kill(dice.roll(0...count - 1), pending: true)
                case 4 where violence > 1: .kill(dice.roll(0...count - 1), pending: false)
                case 5...7: .yield
                default: .operation(dice.roll(0...operations - 1))
                }
            }
        }
    }
}
