import Sync
import Tasklets

// Event, semaphore and barrier: what the library does, and what a model with arrays does.

final class EventSubject: Subject {
    static let operations = ["wait", "set", "clear"]
    private let event = Event()

    init(variant: Int) {}

    func perform(_ operation: Int, by tasklet: Int, at step: Int) throws -> String {
        switch operation {
        case 0: try event.wait()
        case 1: event.set()
        default: event.clear()
        }
        return "\(event.isSet)"
    }

    func cleanUp(_ tasklet: Int) {}

    var state: String { "\(event.isSet), \(event.line.fields.count) wait" }
}

final class EventModel: Model {
    private var isSet = false
    private var line: [Int] = []

    override func begin(_ operation: Int, by tasklet: Int, at step: Int) -> Outcome {
        switch operation {
        case 0: if !isSet { return .waits }
        case 1:
            isSet = true
            line.forEach(wake)
            line = []
        default: isSet = false
        }
        return .done("\(isSet)")
    }

    override func join(_ operation: Int, by tasklet: Int, at step: Int) { line.append(tasklet) }

    override func withdraw(_ tasklet: Int) { line.removeAll { $0 == tasklet } }

    override func goOn(_ tasklet: Int, error: String?) -> Outcome {
        error.map { .failed($0) } ?? .done("\(isSet)")
    }

    override var state: String { "\(isSet), \(line.count) wait" }
}

final class SemaphoreSubject: Subject {
    static let operations = ["acquire", "tryAcquire", "release", "withPermit"]
    private let semaphore: Semaphore
    private var held = Array(repeating: 0, count: 8)

    init(variant: Int) { semaphore = Semaphore(variant % 3, limit: variant % 2 == 0 ? nil : 3) }

    func perform(_ operation: Int, by tasklet: Int, at step: Int) throws -> String {
        switch operation {
        case 0: try semaphore.acquire()
        case 1: if !semaphore.tryAcquire() { return "no" }
        case 2:
            if held[tasklet] == 0 { return "holds none" }
            semaphore.release()
            held[tasklet] -= 1
            return "\(semaphore.available)"
        default: return try semaphore.withPermit { "inside" }
        }
        held[tasklet] += 1
        return "\(semaphore.available)"
    }

    func cleanUp(_ tasklet: Int) {
        for _ in 0..<held[tasklet] { semaphore.release() }
        held[tasklet] = 0
    }

    var state: String { "\(semaphore.available) permits, \(held) held, \(semaphore.line.fields.count) wait" }
}

final class SemaphoreModel: Model {
    private var permits: Int
    private var held = Array(repeating: 0, count: 8)
    private var line: [(tasklet: Int, isForOnce: Bool)] = []
    private var given: [Int: Bool] = [:]

    required init(variant: Int) {
        permits = variant % 3
        super.init(variant: variant)
    }

    private func release() {
        if line.isEmpty {
            permits += 1
        } else {
            let first = line.removeFirst()
            given[first.tasklet] = first.isForOnce
            wake(first.tasklet)
        }
    }

    override func begin(_ operation: Int, by tasklet: Int, at step: Int) -> Outcome {
        switch operation {
        case 0, 3:
            if permits == 0 { return .waits }
            if operation == 3 { return .done("inside") }
            permits -= 1
        case 1:
            if permits == 0 { return .done("no") }
            permits -= 1
        default:
            if held[tasklet] == 0 { return .done("holds none") }
            release()
            held[tasklet] -= 1
            return .done("\(permits)")
        }
        held[tasklet] += 1
        return .done("\(permits)")
    }

    override func join(_ operation: Int, by tasklet: Int, at step: Int) { line.append((tasklet, operation == 3)) }

    override func withdraw(_ tasklet: Int) { line.removeAll { $0.tasklet == tasklet } }

    override func goOn(_ tasklet: Int, error: String?) -> Outcome {
        let isForOnce = given.removeValue(forKey: tasklet)
        if let error {
            if isForOnce != nil { release() }
            return .failed(error)
        }
        if isForOnce! {
            release()
            return .done("inside")
        }
        held[tasklet] += 1
        return .done("\(permits)")
    }

    override func cleanUp(_ tasklet: Int) {
        for _ in 0..<held[tasklet] { release() }
        held[tasklet] = 0
    }

    override var state: String { "\(permits) permits, \(held) held, \(line.count) wait" }
}

final class BarrierSubject: Subject {
    static let operations = ["wait"]
    private let barrier: Barrier

    init(variant: Int) { barrier = Barrier(1 + variant % 3) }

    func perform(_ operation: Int, by tasklet: Int, at step: Int) throws -> String { "\(try barrier.wait())" }

    func cleanUp(_ tasklet: Int) {}

    var state: String { "\(barrier.line.fields.count) wait" }
}

final class BarrierModel: Model {
    private let count: Int
    private var line: [Int] = []

    required init(variant: Int) {
        count = 1 + variant % 3
        super.init(variant: variant)
    }

    override func begin(_ operation: Int, by tasklet: Int, at step: Int) -> Outcome {
        if line.count < count - 1 { return .waits }
        line.forEach(wake)
        line = []
        return .done("true")
    }

    override func join(_ operation: Int, by tasklet: Int, at step: Int) { line.append(tasklet) }

    override func withdraw(_ tasklet: Int) { line.removeAll { $0 == tasklet } }

    override func goOn(_ tasklet: Int, error: String?) -> Outcome {
        error.map { .failed($0) } ?? .done("false")
    }

    override var state: String { "\(line.count) wait" }
}
