import Channels
import Exploration
import Sync
import Tasklets
import TestSupport

/// A small program of operations drawn at random. What it has done is told without the order of what does not depend on each
/// other: what each tasklet has seen, and the variables at the end.
package struct RandomProgram: CustomStringConvertible {
    package enum Operation: CustomStringConvertible {
        case send(Int)
        case receive(Int)
        case read(Int)
        case write(Int)
        case acquire(Int)
        case release(Int)
        case yield
        case sleep(Int)
        case kill(Int)
        case cancel(Int)
        case receiveWithin(Int, Int)
        case spawn
        case close(Int)
        case trySend(Int)
        case tryReceive(Int)
        case select(Int, Int)
        case raise(Int)
        case remove(Int)
        case insert(Int)

        package var description: String {
            switch self {
            case .send(let n): "send \(n)"
            case .receive(let n): "receive \(n)"
            case .read(let n): "read \(n)"
            case .write(let n): "write \(n)"
            case .acquire(let n): "acquire \(n)"
            case .release(let n): "release \(n)"
            case .yield: "yield"
            case .sleep(let n): "sleep \(n)"
            case .kill(let n): "kill \(n)"
            case .cancel(let n): "cancel \(n)"
            case .receiveWithin(let n, let time): "receive \(n) within \(time)"
            case .spawn: "spawn"
            case .close(let n): "close \(n)"
            case .trySend(let n): "try send \(n)"
            case .tryReceive(let n): "try receive \(n)"
            case .select(let n, let m): "select \(n) \(m)"
            case .raise(let n): "raise \(n)"
            case .remove(let n): "remove \(n)"
            case .insert(let n): "insert \(n)"
            }
        }
    }

    package let tasklets: [[Operation]]

    package init(seed: UInt64) {
        let dice = Dice(seed: seed)
        let count = dice.roll(2...3)
        tasklets = (0...count - 1).map { _ in
            (0..<dice.roll(1...(count == 2 ? 4 : 2))).map { _ in
                let thing = dice.roll(0...1)
                let other = dice.roll(0...count - 1)
                let time = dice.roll(1...3)
                return switch dice.roll(0...22) {
                case 0...2: .send(thing)
                case 3...5: .receive(thing)
                case 6: .read(thing)
                case 7: .write(thing)
                case 8: .acquire(thing)
                case 9: .release(thing)
                case 10: .yield
                case 11: .sleep(time)
                case 12: .kill(other)
                case 13: .cancel(other)
                case 14: .receiveWithin(thing, time)
                case 15: .spawn
                case 16: .close(thing)
                case 17: .trySend(thing)
                case 18: .tryReceive(thing)
                case 19: .select(thing, 1 - thing)
                case 20: .raise(other)
                case 21: .remove(other)
                default: .insert(other)
                }
            }
        }
    }

    package var description: String { tasklets.map { "\($0)" }.joined(separator: "; ") }

    private struct Raised: Error {}

    package func run() throws -> String {
        let channels = [Channel<String>(name: "c0"), Channel<String>(name: "c1")]
        let semaphores = [Semaphore(0), Semaphore(1)]
        let variables = [Shared(0), Shared(0)]
        var logs = Array(repeating: "", count: 2 * tasklets.count)
        var handles: [Tasklet] = []
        func perform(_ operation: Operation, _ me: Int, _ step: Int) throws {
            func note(_ text: String) { logs[me] += text + "," }
            switch operation {
            case .send(let n): try channels[n].send("\(me).\(step)")
            case .receive(let n): note(try channels[n].receive())
            case .read(let n): note("\(variables[n].value)")
            case .write(let n): variables[n].value = 10 * me + step
            case .acquire(let n): try semaphores[n].acquire()
            case .release(let n): semaphores[n].release()
            case .yield: try Tasklet.schedule()
            case .sleep(let time): try Tasklet.sleep(for: .seconds(time))
            case .kill(let other): try handles[other].kill()
            case .cancel(let other): handles[other].cancel()
            case .receiveWithin(let n, let time): note(try channels[n].receive(within: .seconds(time)) ?? "late")
            case .spawn:
                Tasklet(name: "child") {
                    logs[tasklets.count + me] += "child,"
                    variables[0].value += 1
                }
            case .close(let n): channels[n].close()
            case .trySend(let n): note("\(channels[n].trySend("\(me).\(step)"))")
            case .tryReceive(let n): note("\(try channels[n].tryReceive() ?? "none")")
            case .select(let n, let m):
                try select {
                    channels[n].onReceive { note("selected \($0)") }
                    channels[m].onSend("\(me).\(step)") { note("sent") }
                }
            case .raise(let other): try handles[other].raise(Raised(), pending: true)
            case .remove(let other): try handles[other].remove()
            case .insert(let other): try handles[other].insert()
            }
        }
        for (me, operations) in tasklets.enumerated() {
            handles.append(
                Tasklet(name: "t\(me)") {
                    for (step, operation) in operations.enumerated() {
                        do { try perform(operation, me, step) } catch {
                            logs[me] += "\(type(of: error)),"
                            if error is TaskletExit || error is CancellationError { throw error }
                        }
                    }
                    logs[me] += "end"
                }
            )
        }
        // Errors that leave a tasklet, as those do that it gets before it has begun.
        var errors = 0
        while true {
            do {
                try Tasklet.run()
                break
            } catch is Raised { errors += 1 }
        }
        let states = handles.map { $0.isAlive ? ($0.isBlocked ? "blocked" : "paused") : "dead" }
        for handle in handles where handle.isAlive { try handle.kill() }
        return "\(logs) \(states) \(variables.map(\.value)) \(errors)"
    }
}
