import Sync
import Tasklets

// The lock and the recursive lock, which differ in how often their holder may lock; and a lock with a condition.

final class LockSubject: Subject {
    static let operations = ["lock", "tryLock", "unlock", "withLock"]
    private let lock = Lock()
    private var holds = Array(repeating: false, count: 8)

    init(variant: Int) {}

    func perform(_ operation: Int, by tasklet: Int, at step: Int) throws -> String {
        switch operation {
        case 0:
            if holds[tasklet] { return "holds it" }
            try lock.lock()
        case 1: if !lock.tryLock() { return "no" }
        case 2:
            if !holds[tasklet] { return "holds none" }
            lock.unlock()
            holds[tasklet] = false
            return "unlocked"
        default:
            if holds[tasklet] { return "holds it" }
            return try lock.withLock { "inside" }
        }
        holds[tasklet] = true
        return "locked"
    }

    func cleanUp(_ tasklet: Int) {
        if holds[tasklet] { lock.unlock() }
        holds[tasklet] = false
    }

    var state: String { "\(lock.isLocked), \(lock.line.fields.count) wait" }
}

/// The rules of handing a lock over, for all models that have one.
struct LockRules {
    private(set) var holder: Int?
    private(set) var line: [Int] = []
    /// Those that have got it and did not have their turn.
    private var given: Set<Int> = []

    mutating func take(_ tasklet: Int) -> Bool {
        if holder != nil { return false }
        holder = tasklet
        return true
    }

    mutating func join(_ tasklet: Int) { line.append(tasklet) }

    mutating func withdraw(_ tasklet: Int) { line.removeAll { $0 == tasklet } }

    /// Returns who is to be woken.
    mutating func release() -> Int? {
        holder = line.isEmpty ? nil : line.removeFirst()
        if let holder { given.insert(holder) }
        return holder
    }

    /// Whether one that has waited has got the lock.
    mutating func hasGot(_ tasklet: Int) -> Bool { given.remove(tasklet) != nil }
}

final class LockModel: Model {
    private var lock = LockRules()
    private var isForOnce: [Int: Bool] = [:]

    private func release() { lock.release().map(wake) }

    override func begin(_ operation: Int, by tasklet: Int, at step: Int) -> Outcome {
        switch operation {
        case 0, 3:
            if lock.holder == tasklet { return .done("holds it") }
            if lock.holder != nil { return .waits }
            if operation == 3 { return .done("inside") }
            return .done(lock.take(tasklet) ? "locked" : "?")
        case 1: return .done(lock.take(tasklet) ? "locked" : "no")
        default:
            if lock.holder != tasklet { return .done("holds none") }
            release()
            return .done("unlocked")
        }
    }

    override func join(_ operation: Int, by tasklet: Int, at step: Int) {
        isForOnce[tasklet] = operation == 3
        lock.join(tasklet)
    }

    override func withdraw(_ tasklet: Int) { lock.withdraw(tasklet) }

    override func goOn(_ tasklet: Int, error: String?) -> Outcome {
        let hasGot = lock.hasGot(tasklet)
        if let error {
            if hasGot { release() }
            return .failed(error)
        }
        if isForOnce[tasklet]! {
            release()
            return .done("inside")
        }
        return .done("locked")
    }

    override func cleanUp(_ tasklet: Int) {
        if lock.holder == tasklet { release() }
    }

    override var state: String { "\(lock.holder != nil), \(lock.line.count) wait" }
}

final class RecursiveLockSubject: Subject {
    static let operations = ["lock", "tryLock", "unlock"]
    private let lock = RecursiveLock()
    private var depths = Array(repeating: 0, count: 8)

    init(variant: Int) {}

    func perform(_ operation: Int, by tasklet: Int, at step: Int) throws -> String {
        switch operation {
        case 0: try lock.lock()
        case 1: if !lock.tryLock() { return "no" }
        default:
            if depths[tasklet] == 0 { return "holds none" }
            lock.unlock()
            depths[tasklet] -= 1
            return "\(depths[tasklet])"
        }
        depths[tasklet] += 1
        return "\(depths[tasklet])"
    }

    func cleanUp(_ tasklet: Int) {
        for _ in 0..<depths[tasklet] { lock.unlock() }
        depths[tasklet] = 0
    }

    var state: String { "\(lock.isLocked) \(depths)" }
}

final class RecursiveLockModel: Model {
    private var lock = LockRules()
    private var depths = Array(repeating: 0, count: 8)

    private func release(_ tasklet: Int) {
        depths[tasklet] -= 1
        if depths[tasklet] == 0 { lock.release().map(wake) }
    }

    override func begin(_ operation: Int, by tasklet: Int, at step: Int) -> Outcome {
        switch operation {
        case 0, 1:
            guard lock.holder == tasklet || lock.take(tasklet) else { return operation == 0 ? .waits : .done("no") }
            depths[tasklet] += 1
        default:
            if depths[tasklet] == 0 { return .done("holds none") }
            release(tasklet)
        }
        return .done("\(depths[tasklet])")
    }

    override func join(_ operation: Int, by tasklet: Int, at step: Int) { lock.join(tasklet) }

    override func withdraw(_ tasklet: Int) { lock.withdraw(tasklet) }

    override func goOn(_ tasklet: Int, error: String?) -> Outcome {
        let hasGot = lock.hasGot(tasklet)
        if let error {
            if hasGot { lock.release().map(wake) }
            return .failed(error)
        }
        depths[tasklet] = 1
        return .done("1")
    }

    override func cleanUp(_ tasklet: Int) {
        while depths[tasklet] > 0 { release(tasklet) }
    }

    override var state: String { "\(lock.holder != nil) \(depths)" }
}

final class ConditionSubject: Subject {
    // Waits and their locks more often than the rest, or few would wait at a time.
    static let operations = ["lock", "unlock", "wait", "signal", "broadcast", "lock", "wait", "lock", "wait"]
    private let lock: Lock
    private let condition: Condition
    private var holds = Array(repeating: false, count: 8)

    init(variant: Int) {
        lock = Lock()
        condition = Condition(lock)
    }

    func perform(_ operation: Int, by tasklet: Int, at step: Int) throws -> String {
        switch operation {
        case 0, 5, 7:
            if holds[tasklet] { return "holds it" }
            try lock.lock()
            holds[tasklet] = true
        case 1:
            if !holds[tasklet] { return "holds none" }
            lock.unlock()
            holds[tasklet] = false
        case 3: condition.signal()
        case 4: condition.broadcast()
        default:
            if !holds[tasklet] { return "holds none" }
            try condition.wait()
        }
        return "done"
    }

    func cleanUp(_ tasklet: Int) {
        if holds[tasklet] { lock.unlock() }
        holds[tasklet] = false
    }

    var state: String {
        "\(lock.isLocked), \(lock.line.fields.count) wait for it, \(condition.line.fields.count) for the condition"
    }
}

final class ConditionModel: Model {
    private enum Stage {
        case locking
        case waiting
        case woken(bySignal: Bool)
        /// The wait is over, but the lock is to be had again.
        case relocking(error: String?, isSignalled: Bool)
    }

    private var lock = LockRules()
    private var line: [Int] = []
    private var stages: [Int: Stage] = [:]

    private func release() { lock.release().map(wake) }

    private func signal() {
        if line.isEmpty { return }
        let first = line.removeFirst()
        stages[first] = .woken(bySignal: true)
        wake(first)
    }

    override func begin(_ operation: Int, by tasklet: Int, at step: Int) -> Outcome {
        switch operation {
        case 0, 5, 7:
            if lock.holder == tasklet { return .done("holds it") }
            if !lock.take(tasklet) { return .waits }
        case 1:
            if lock.holder != tasklet { return .done("holds none") }
            release()
        case 3: signal()
        case 4:
            for tasklet in line {
                stages[tasklet] = .woken(bySignal: false)
                wake(tasklet)
            }
            line = []
        default: return lock.holder == tasklet ? .waits : .done("holds none")
        }
        return .done("done")
    }

    override func join(_ operation: Int, by tasklet: Int, at step: Int) {
        if ConditionSubject.operations[operation] == "lock" {
            stages[tasklet] = .locking
            lock.join(tasklet)
        } else {
            stages[tasklet] = .waiting
            line.append(tasklet)
            release()
        }
    }

    override func withdraw(_ tasklet: Int) {
        line.removeAll { $0 == tasklet }
        lock.withdraw(tasklet)
    }

    override func isShielded(_ tasklet: Int) -> Bool {
        if case .relocking = stages[tasklet] { true } else { false }
    }

    override func goOn(_ tasklet: Int, error: String?) -> Outcome {
        switch stages[tasklet]! {
        case .locking:
            let hasGot = lock.hasGot(tasklet)
            guard let error else { return .done("done") }
            if hasGot { release() }
            return .failed(error)
        case .waiting: return relock(tasklet, error: error, isSignalled: false)
        case .woken(let isSignalled): return relock(tasklet, error: error, isSignalled: isSignalled)
        case .relocking(let former, let isSignalled):
            if lock.hasGot(tasklet) {
                guard let error else { return finish(error: former, isSignalled: isSignalled) }
                release()
                return relock(tasklet, error: error, isSignalled: isSignalled)
            }
            return relock(tasklet, error: error ?? former, isSignalled: isSignalled)
        }
    }

    private func relock(_ tasklet: Int, error: String?, isSignalled: Bool) -> Outcome {
        if lock.take(tasklet) { return finish(error: error, isSignalled: isSignalled) }
        stages[tasklet] = .relocking(error: error, isSignalled: isSignalled)
        lock.join(tasklet)
        return .waits
    }

    private func finish(error: String?, isSignalled: Bool) -> Outcome {
        guard let error else { return .done("done") }
        if isSignalled { signal() }
        return .failed(error)
    }

    override func cleanUp(_ tasklet: Int) {
        if lock.holder == tasklet { release() }
    }

    override var state: String {
        "\(lock.holder != nil), \(lock.line.count) wait for it, \(line.count) for the condition"
    }
}
