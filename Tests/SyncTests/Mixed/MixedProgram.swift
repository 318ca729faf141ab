import TestSupport

/// A program in which all that tasklets wait at is mixed: channels, queues, semaphores, events and promises, by themselves and
/// in a `select`; the objects of `Subject`; time; with kills, cancellations, shields and time limits around blocks.
///
/// Run by the library (`MixedRun`) and by a model (`MixedModel`), which both log what happens.
struct MixedProgram {
    /// What tasklets wait at, and may list in a `select`.
    enum Place {
        /// The raw value of a preference.
        case channel(preference: Int, schedulesAll: Bool)
        case queue(capacity: Int?, isLifo: Bool)
        case semaphore(permits: Int)
        case event
        case promise
    }

    /// What a tasklet may have to wait for, at the place of that number.
    enum Attempt {
        case send(Int)
        case sendError(Int)
        case receive(Int)
        case next(Int)
        case acquire(Int)
        case event(Int)
        case value(Int)

        var place: Int {
            switch self {
            case .send(let place), .sendError(let place), .receive(let place), .next(let place): place
            case .acquire(let place), .event(let place), .value(let place): place
            }
        }
    }

    enum Clause {
        case attempt(Attempt)
        case after(Int)
        case otherwise
    }

    /// What never waits, with the place of that number.
    enum Touch {
        case trySend, tryReceive, close, finish
        case tryAcquire, release
        case set, clear
        case fulfill, fail
    }

    indirect enum Action {
        case attempt(Attempt)
        case touch(Touch, Int)
        case select([Clause], isFair: Bool)
        /// An operation of one of the subjects.
        case subject(Int, operation: Int)
        case giveWay
        case sleep(Int)
        case kill(Int, pending: Bool)
        case cancel(Int)
        /// A block with a time limit, with a shield, with a permit.
        case within(Int, Block)
        case shielded(Block)
        case withPermit(Int, Block)
    }

    struct Step {
        /// Tells steps apart; also the value that is sent.
        let number: Int
        let action: Action
    }

    struct Block {
        let steps: [Step]
        /// Whether an error ends only the step in which it comes.
        let catches: Bool
    }

    /// The objects of `Subject`, by the number of their type and their variant.
    let subjects: [(type: Int, variant: Int)]
    let places: [Place]
    let tasklets: [Block]

    /// - Parameter operations: how many operations the subjects of each type have.
    init(seed: UInt64, operations: [Int]) {
        let maker = Maker(Dice(seed: seed), operations)
        subjects = maker.subjects
        places = maker.places
        tasklets = (0..<maker.taskletCount).map { _ in maker.block(depth: 0, catches: true) }
    }
}

/// Makes a program by chance.
private final class Maker {
    let dice: Dice
    let operations: [Int]
    let subjects: [(type: Int, variant: Int)]
    let places: [MixedProgram.Place]
    let taskletCount: Int
    /// Some programs are peaceful, so that they come far.
    let violence: Int
    var count = 0

    init(_ dice: Dice, _ operations: [Int]) {
        self.dice = dice
        self.operations = operations
        subjects = (0..<dice.roll(1...2)).map { _ in (dice.roll(0...operations.count - 1), dice.roll(0...8)) }
        places = (0..<dice.roll(2...5)).map { _ in
            switch dice.roll(0...9) {
            case 0...2: .channel(preference: dice.roll(-1...1), schedulesAll: dice.isOnce(in: 8))
            case 3...6: .queue(capacity: dice.pick([1, 1, 2, nil]), isLifo: dice.isOnce(in: 3))
            case 7: .semaphore(permits: dice.roll(0...2))
            case 8: .event
            default: .promise
            }
        }
        taskletCount = dice.roll(2...6)
        violence = dice.roll(0...2)
    }

    func block(depth: Int, catches: Bool) -> MixedProgram.Block {
        let most = depth == 0 ? 10 : 4
        return MixedProgram.Block(steps: (0..<dice.roll(1...most)).map { _ in step(depth) }, catches: catches)
    }

    private func inner(_ depth: Int) -> MixedProgram.Block { block(depth: depth + 1, catches: dice.isOnce(in: 2)) }

    private func step(_ depth: Int) -> MixedProgram.Step {
        count += 1
        let number = count
        return MixedProgram.Step(number: number, action: action(depth))
    }

    private func action(_ depth: Int) -> MixedProgram.Action {
        let place = dice.roll(0...places.count - 1)
        switch dice.roll(0...39) {
        case 0...10: return .attempt(attempt(place))
        case 11...14: return .touch(touch(place), place)
        case 15...24: return .select((0..<dice.roll(1...4)).map { _ in clause() }, isFair: dice.isOnce(in: 3))
        case 25...28:
            let subject = dice.roll(0...subjects.count - 1)
            return .subject(subject, operation: dice.roll(0...operations[subjects[subject].type] - 1))
        case 29: return .sleep(dice.roll(0...6))
        case 30 where violence > 0: return .cancel(dice.roll(0...taskletCount - 1))
        case 31...32 where violence > 0: return .kill(dice.roll(0...taskletCount - 1), pending: !dice.isOnce(in: 3))
        case 33...35 where depth < 3: return .within(dice.roll(0...8), inner(depth))
        case 36 where depth < 3: return .shielded(inner(depth))
        case 37 where depth < 3:
            if case .semaphore = places[place] { return .withPermit(place, inner(depth)) }
            return .giveWay
        default: return .giveWay
        }
    }

    private func attempt(_ place: Int) -> MixedProgram.Attempt {
        switch places[place] {
        case .channel: dice.pick([.send(place), .send(place), .receive(place), .next(place), .sendError(place)])
        case .queue: dice.pick([.send(place), .send(place), .receive(place), .next(place)])
        case .semaphore: .acquire(place)
        case .event: .event(place)
        case .promise: .value(place)
        }
    }

    private func clause() -> MixedProgram.Clause {
        switch dice.roll(0...19) {
        case 0: return .otherwise
        case 1...2: return .after(dice.roll(0...6))
        default:
            let attempt = attempt(dice.roll(0...places.count - 1))
            // There is no clause for it.
            if case .sendError(let place) = attempt { return .attempt(.receive(place)) }
            return .attempt(attempt)
        }
    }

    private func touch(_ place: Int) -> MixedProgram.Touch {
        switch places[place] {
        case .channel, .queue:
            // Seldom closed, or little would happen.
            dice.isOnce(in: 6) ? dice.pick([.close, .finish]) : dice.pick([.trySend, .tryReceive])
        case .semaphore: dice.pick([.tryAcquire, .release, .release])
        case .event: dice.pick([.set, .clear])
        case .promise: dice.pick([.fulfill, .fulfill, .fail])
        }
    }
}
