import Sync
import Tasklets

final class ReadWriteLockSubject: Subject {
    static let operations = ["read", "write", "unlock", "read", "unlock"]
    private let lock = ReadWriteLock()
    private var holds = Array(repeating: false, count: 8)

    init(variant: Int) {}

    func perform(_ operation: Int, by tasklet: Int, at step: Int) throws -> String {
        switch operation {
        case 2, 4:
            if !holds[tasklet] { return "holds none" }
            lock.unlock()
            holds[tasklet] = false
            return "unlocked"
        default:
            if holds[tasklet] { return "holds it" }
            if operation == 1 { try lock.lockForWriting() } else { try lock.lockForReading() }
            holds[tasklet] = true
            return "locked"
        }
    }

    func cleanUp(_ tasklet: Int) {
        if holds[tasklet] { lock.unlock() }
        holds[tasklet] = false
    }

    var state: String { "\(lock.line.fields.count) wait" }
}

final class ReadWriteLockModel: Model {
    private var readers: [Int] = []
    private var writer: Int?
    private var line: [(tasklet: Int, writes: Bool)] = []
    private var given: Set<Int> = []

    private func holds(_ tasklet: Int) -> Bool { writer == tasklet || readers.contains(tasklet) }

    private func admit() {
        while let first = line.first, writer == nil, !first.writes || readers.isEmpty {
            line.removeFirst()
            if first.writes { writer = first.tasklet } else { readers.append(first.tasklet) }
            given.insert(first.tasklet)
            wake(first.tasklet)
        }
    }

    private func release(_ tasklet: Int) {
        if writer == tasklet { writer = nil } else { readers.removeAll { $0 == tasklet } }
        admit()
    }

    override func begin(_ operation: Int, by tasklet: Int, at step: Int) -> Outcome {
        switch operation {
        case 2, 4:
            if !holds(tasklet) { return .done("holds none") }
            release(tasklet)
            return .done("unlocked")
        case 1:
            if holds(tasklet) { return .done("holds it") }
            if writer != nil || !readers.isEmpty { return .waits }
            writer = tasklet
        default:
            if holds(tasklet) { return .done("holds it") }
            if writer != nil || !line.isEmpty { return .waits }
            readers.append(tasklet)
        }
        return .done("locked")
    }

    override func join(_ operation: Int, by tasklet: Int, at step: Int) { line.append((tasklet, operation == 1)) }

    override func withdraw(_ tasklet: Int) { line.removeAll { $0.tasklet == tasklet } }

    override func goOn(_ tasklet: Int, error: String?) -> Outcome {
        let hasGot = given.remove(tasklet) != nil
        guard let error else { return .done("locked") }
        if hasGot { release(tasklet) } else { admit() }
        return .failed(error)
    }

    override func cleanUp(_ tasklet: Int) {
        if holds(tasklet) { release(tasklet) }
    }

    override var state: String { "\(line.count) wait" }
}
