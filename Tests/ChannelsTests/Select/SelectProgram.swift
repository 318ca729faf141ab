/// What a random program does: each tasklet does its operations one after the other.
struct SelectProgram {
    enum Operation {
        case send(Int, Int)
        case sendError(Int, Int)
        case receive(Int)
        case next(Int)
        case trySend(Int, Int)
        case tryReceive(Int)
        case sendWithin(Int, Int, isZero: Bool)
        case receiveWithin(Int, isZero: Bool)
        case select([Clause], isFair: Bool)
        case giveWay
        case kill(Int)
        case cancel(Int)
        case close(Int)
        case finish(Int)
        case open(Int)
    }

    enum Clause {
        case send(Int, Int)
        case receive(Int)
        case next(Int)
        case otherwise
        case atOnce
        case later
    }

    /// Of a channel.
    struct Settings {
        /// −1, 0 or 1, as the raw values of a preference.
        var preference: Int
        var schedulesAll: Bool
    }

    var channels: [Settings]
    var tasklets: [[Operation]]

    init(seed: UInt64) {
        var random = Random(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
        channels = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            Settings(
                preference: Int.random(in: -1...1, using: &random),
                schedulesAll: Int.random(in: 0..<8, using: &random) == 0
            )
        }
        let (channelCount, taskletCount) = (channels.count, Int.random(in: 2...6, using: &random))
        var value = 0
        func operation() -> Operation {
            value += 1
            let channel = Int.random(in: 0..<channelCount, using: &random)
            let tasklet = Int.random(in: 0..<taskletCount, using: &random)
            let isZero = Bool.random(using: &random)
            switch Int.random(in: 0..<40, using: &random) {
            case 0..<4: return .send(channel, value)
            case 4: return .sendError(channel, value)
            case 5..<9: return .receive(channel)
            case 9: return .next(channel)
            case 10, 11: return .trySend(channel, value)
            case 12, 13: return .tryReceive(channel)
            case 14, 15: return .sendWithin(channel, value, isZero: isZero)
            case 16, 17: return .receiveWithin(channel, isZero: isZero)
            case 18..<33:
                let count = Int.random(in: 1...5, using: &random)
                return .select((0..<count).map { _ in clause() }, isFair: Int.random(in: 0..<3, using: &random) == 0)
            case 33: return .giveWay
            case 34: return .kill(tasklet)
            case 35: return .cancel(tasklet)
            case 36: return .close(channel)
            case 37: return .finish(channel)
            default: return .open(channel)
            }
        }
        func clause() -> Clause {
            value += 1
            let channel = Int.random(in: 0..<channelCount, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<7: return .send(channel, value)
            case 7..<15: return .receive(channel)
            case 15, 16: return .next(channel)
            case 17: return .otherwise
            case 18: return .atOnce
            default: return .later
            }
        }
        tasklets = (0..<taskletCount).map { _ in (0..<Int.random(in: 1...8, using: &random)).map { _ in operation() } }
    }
}

/// A small generator whose numbers depend on the seed only (xorshift).
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
