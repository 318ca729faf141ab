import Tasklets

/// A program of tasklets that use promises and groups, end each other and catch errors. Run by the library
/// (`GroupInterpreter`) and by the model (`GroupModel`), which both log what happens.
struct GroupProgram {
    indirect enum Step {
        case giveWay
        /// Waits for the promise of that number.
        case await(Int)
        case fulfill(Int)
        /// Of the tasklet with that number, if it has been made.
        case cancel(Int)
        case kill(Int)
        case fail
        /// Catches every error.
        case catching([Step])
        case shield([Step])
        /// Adds the children; then takes all results if `takes`; then does the rest of the block.
        case group(limit: Int, children: [Body], takes: Bool, rest: [Step])
    }

    struct Body {
        let number: Int
        let steps: [Step]
    }

    static let promiseCount = 4
    private static let mostBodies = 16

    let bodies: [Body]

    /// What has ended a wait, a block or a tasklet.
    enum Failure: Error, Equatable, CustomStringConvertible {
        case exit, cancellation
        case failure(Int)

        var description: String {
            switch self {
            case .exit: "exit"
            case .cancellation: "cancellation"
            case .failure(let number): "failure \(number)"
            }
        }
    }

    // MARK: Random programs

    init(seed: UInt64) {
        var maker = Maker(generator: SplitMix(state: seed))
        bodies = (0..<maker.random(2...4)).map { _ in maker.body(depth: 0) }
    }

    struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = state
            value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
            return value ^ (value >> 31)
        }
    }

    private struct Maker {
        var generator: SplitMix
        var count = 0

        mutating func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

        mutating func body(depth: Int) -> Body {
            let number = count
            count += 1
            return Body(number: number, steps: steps(depth: depth, atMost: 6))
        }

        private mutating func steps(depth: Int, atMost most: Int) -> [Step] {
            (0..<random(1...most)).map { _ in step(depth: depth) }
        }

        private mutating func step(depth: Int) -> Step {
            switch random(0...19) {
            case 0...5: return .giveWay
            case 6...8: return .await(random(0...(promiseCount - 1)))
            case 9...10: return .fulfill(random(0...(promiseCount - 1)))
            case 11: return .cancel(random(0...(mostBodies - 1)))
            case 12: return .kill(random(0...(mostBodies - 1)))
            case 13: return random(0...2) == 0 ? .fail : .giveWay
            case 14 where depth < 3: return .catching(steps(depth: depth + 1, atMost: 3))
            case 15 where depth < 3: return .shield(steps(depth: depth + 1, atMost: 3))
            case 16... where depth < 3 && count < mostBodies - 4:
                let children = (0..<random(0...4)).map { _ in body(depth: depth + 1) }
                return .group(
                    limit: random(1...4),
                    children: children,
                    takes: random(0...2) > 0,
                    rest: steps(depth: depth + 1, atMost: 2)
                )
            default: return .giveWay
            }
        }
    }
}
