import ArgumentParser
import Synchronization
import Tasklets
import TestSupport

/// Random programs over many threads, for as long as you like.
@main
struct Soak: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Soak",
        abstract:
            "Runs random programs of tasklets, greenlets and sockets over many threads and checks that nothing is lost, doubled, leaked or stuck.",
        discussion: """
            A violation ends the program with the seed of the round that failed. The same seed makes the same \
            programs; in which order the threads meet is up to the machine, so a rare fault may need several runs.
            """
    )

    @Option(help: "How long to go on; the round that has begun is finished.")
    var seconds = 60

    @Option(help: "The first round's seed; the next round's is one higher. (default: by chance)")
    var seed: UInt64?

    @Option(help: "How many threads each round has, at least 1.")
    var threads = 8

    func validate() throws {
        guard threads >= 1 else { throw ValidationError("--threads must be at least 1, not \(threads).") }
    }

    func run() throws {
        let first = seed ?? UInt64.random(in: 0..<1 << 48)
        print("soak: seed \(first), \(threads) threads, \(seconds) seconds")
        Watchdog.start()
        // The main thread has a scheduler and is always able to run: no other thread may ever get a deadlock error.
        _ = Tasklet.current

        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let warm = start + .seconds(seconds) / 3
        var memory = ResidentMemory()
        var rounds: UInt64 = 0
        repeat {
            let seed = first &+ rounds
            runRound(seed: seed)
            memory.look(isWarmingUp: clock.now < warm || rounds < 6)
            rounds += 1
        } while clock.now < end
        let tasklets = Tally.tasklets.load(ordering: .relaxed)
        let parcels = Tally.parcels.load(ordering: .relaxed)
        print("soak: \(rounds) rounds, \(tasklets) tasklets that ran and \(parcels) values received without a fault")
        print("soak: memory at most \(memory.peak >> 20) MiB")
    }

    private func runRound(seed: UInt64) {
        Watchdog.begin(round: seed)
        let dice = Dice(seed: seed)
        switch seed % 6 {
        case 0: HammerRound(dice: dice, threads: threads).run()
        case 1: RingRound(dice: dice, threads: threads).run()
        case 2: GreenletRound(dice: dice, threads: threads).run()
        case 3: SharedRound(dice: dice, threads: threads).run()
        case 4: SocketRound(dice: dice, threads: threads).run()
        default: WildRound(dice: dice, threads: threads).run()
        }
        let left = Living.count
        if left != 0 { fail("\(left) objects are left") }
        let living = Scheduler.current.tasklets.count
        if living != 1 { fail("\(living - 1) tasklets are left in the main thread") }
    }
}
