import Sync
import Tasklets

/// Variants: three orders, with room for one, for two, or for any number.
private let orders = ["fifo", "lifo", "priority"]
private let capacities = [1, 2, nil]
private let ranks = 3

final class QueueSubject: Subject {
    static let operations = [
        "send", "receive", "send", "next", "trySend", "tryReceive", "peek", "join", "taskDone", "close", "finish",
    ]
    private let queue: Queue<Int>
    private var unfinished = 0

    init(variant: Int) {
        let order: Queue<Int>.Order =
            switch orders[variant % 3] {
            case "fifo": .fifo
            case "lifo": .lifo
            default: .priority { $0 % ranks }
            }
        queue = Queue(capacity: capacities[variant / 3 % 3], order: order)
    }

    func perform(_ operation: Int, by tasklet: Int, at step: Int) throws -> String {
        let value = tasklet * 100 + step
        switch operation {
        case 0, 2: try queue.send(value)
        case 1: return "\(try queue.receive())"
        case 3: return "\(String(describing: try queue.next()))"
        case 4: return "\(queue.trySend(value))"
        case 5: return "\(String(describing: try queue.tryReceive()))"
        case 6: return "\(try queue.peek())"
        case 7: try queue.join()
        case 8:
            if queue.unfinished == 0 { return "all done" }
            queue.taskDone()
        // Seldom, or little would happen.
        case 9: if value % 4 == 0 { queue.close() }
        default: if value % 4 == 1 { queue.finish() }
        }
        return "\(queue.count)"
    }

    func cleanUp(_ tasklet: Int) {}

    var state: String {
        var left: [Int] = []
        let count = queue.line.fields.count
        let unfinished = queue.unfinished
        while let element = (try? queue.tryReceive()) ?? nil { left.append(element) }
        return "\(count) wait, \(unfinished) unfinished, \(queue.isClosing), left: \(left)"
    }
}

final class QueueModel: Model {
    private enum Wait {
        case receive, next, peek, join
        case send(Int)
    }

    private let order: String
    private let capacity: Int
    /// The next to leave first.
    private var elements: [Int] = []
    private var line: [(tasklet: Int, wait: Wait)] = []
    /// Of those that wait or have been woken.
    private var waits: [Int: Wait] = [:]
    private var given: [Int: Int] = [:]
    private var unfinished = 0
    private var isClosing = false

    required init(variant: Int) {
        order = orders[variant % 3]
        capacity = capacities[variant / 3 % 3] ?? .max
        super.init(variant: variant)
    }

    private func insert(_ value: Int) {
        switch order {
        case "fifo": elements.append(value)
        case "lifo": elements.insert(value, at: 0)
        default: elements.insert(value, at: elements.firstIndex { $0 % ranks > value % ranks } ?? elements.count)
        }
    }

    /// Gives the value to those that wait for one; false when none of them takes it.
    private func offer(_ value: Int) -> Bool {
        for (tasklet, wait) in line {
            switch wait {
            case .join, .send: continue
            case .peek, .receive, .next:
                line.removeAll { $0.tasklet == tasklet }
                given[tasklet] = value
                wake(tasklet)
                if case .peek = wait { continue }
                return true
            }
        }
        return false
    }

    private func take() -> Int {
        let value = elements.removeFirst()
        if elements.count < capacity {
            for (tasklet, wait) in line {
                guard case .send(let value) = wait else { continue }
                line.removeAll { $0.tasklet == tasklet }
                insert(value)
                unfinished += 1
                wake(tasklet)
                break
            }
        }
        return value
    }

    override func begin(_ operation: Int, by tasklet: Int, at step: Int) -> Outcome {
        let value = tasklet * 100 + step
        switch operation {
        case 0, 2, 4:
            let hasRoom = !isClosing && elements.count < capacity
            // A closed queue takes a value only for one that waits to receive it.
            let mayTake =
                !isClosing || line.contains { if case .receive = $0.wait { true } else { false } }
                || line.contains { if case .next = $0.wait { true } else { false } }
            if mayTake, offer(value) {
                unfinished += 1
            } else if hasRoom {
                insert(value)
                unfinished += 1
            } else {
                return operation == 4 ? .done("false") : isClosing ? .failed("closed") : .waits
            }
            if operation == 4 { return .done("true") }
        case 1, 3, 5, 6:
            if elements.isEmpty {
                switch operation {
                case 5: return isClosing ? .failed("closed") : .done("nil")
                case 3: return isClosing ? .done("nil") : .waits
                default: return isClosing ? .failed("closed") : .waits
                }
            }
            if operation == 6 { return .done("\(elements[0])") }
            let value = take()
            return .done(operation == 1 ? "\(value)" : "Optional(\(value))")
        case 7: if unfinished > 0 { return .waits }
        case 8:
            if unfinished == 0 { return .done("all done") }
            unfinished -= 1
            if unfinished == 0 { wakeAll { if case .join = $0 { true } else { false } } }
        case 9: if value % 4 == 0 { isClosing = true }
        default:
            if value % 4 == 1 {
                isClosing = true
                wakeAll {
                    switch $0 {
                    case .receive, .next, .peek: true
                    case .join, .send: false
                    }
                }
            }
        }
        return .done("\(elements.count)")
    }

    private func wakeAll(_ isMeant: (Wait) -> Bool) {
        let woken = line.filter { isMeant($0.wait) }
        line.removeAll { isMeant($0.wait) }
        for (tasklet, _) in woken { wake(tasklet) }
    }

    override func join(_ operation: Int, by tasklet: Int, at step: Int) {
        let wait: Wait =
            switch operation {
            case 0, 2: .send(tasklet * 100 + step)
            case 1: .receive
            case 3: .next
            case 6: .peek
            default: .join
            }
        line.append((tasklet, wait))
        waits[tasklet] = wait
    }

    override func withdraw(_ tasklet: Int) { line.removeAll { $0.tasklet == tasklet } }

    override func goOn(_ tasklet: Int, error: String?) -> Outcome {
        let value = given.removeValue(forKey: tasklet)
        let wait = waits[tasklet]!
        if let error {
            switch wait {
            case .receive, .next: if let value { putBack(value) }
            case .peek, .send, .join: break
            }
            return .failed(error)
        }
        switch wait {
        case .receive, .peek: return value.map { .done("\($0)") } ?? .failed("closed")
        case .next: return .done(value.map { "Optional(\($0))" } ?? "nil")
        case .send, .join: return .done("\(elements.count)")
        }
    }

    private func putBack(_ value: Int) {
        if offer(value) { return }
        guard order == "priority" else { return elements.insert(value, at: 0) }
        elements.insert(value, at: elements.firstIndex { $0 % ranks >= value % ranks } ?? elements.count)
    }

    override var state: String {
        let count = line.count
        let unfinished = unfinished
        var left: [Int] = []
        while !elements.isEmpty { left.append(take()) }
        return "\(count) wait, \(unfinished) unfinished, \(isClosing), left: \(left)"
    }
}
