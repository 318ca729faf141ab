import Foundation
import Sync
import Tasklets

/// A permit is taken and given back, and nobody else wants one.
func permit(count: Int, size: Int) throws -> Reading {
    let semaphore = Semaphore(1)
    let time = try ContinuousClock().measure {
        for _ in 0..<count {
            try semaphore.acquire()
            semaphore.release()
        }
    }
    try check(semaphore.available, is: 1)
    return Reading(time, operations: count)
}

/// The same of a lock.
func lock(count: Int, size: Int) throws -> Reading {
    let lock = Lock()
    let time = try ContinuousClock().measure {
        for _ in 0..<count {
            try lock.lock()
            lock.unlock()
        }
    }
    try check(lock.isLocked ? 1 : 0, is: 0)
    return Reading(time, operations: count)
}

/// A lock that two tasklets want all the time: it is handed over each time.
func handOver(count: Int, size: Int) throws -> Reading {
    let lock = Lock()
    var sum = 0
    for _ in 0..<2 {
        Tasklet {
            for _ in 0..<count / 2 {
                try lock.lock()
                sum += 1
                try Tasklet.schedule()
                lock.unlock()
            }
        }
    }
    let time = try ContinuousClock().measure { try Tasklet.run() }
    try check(sum, is: count / 2 * 2)
    return Reading(time, operations: count / 2 * 2)
}

/// Numbers through a queue of 128.
func queue(count: Int, size: Int) throws -> Reading {
    let queue = Queue<Int>(capacity: 128)
    var sum = 0
    Tasklet { for n in 0..<count { try queue.send(n) } }
    Tasklet { for _ in 0..<count { sum += try queue.receive() } }
    let time = try ContinuousClock().measure { try Tasklet.run() }
    try check(sum, is: sumBelow(count))
    return Reading(time, operations: count)
}

/// The same between two threads.
func threadQueue(count: Int, size: Int) throws -> Reading {
    let queue = Queue<Int>(capacity: 128)
    queue.share()
    Thread { for n in 0..<count { try! queue.send(n) } }.start()
    var sum = 0
    let time = try ContinuousClock().measure { for _ in 0..<count { sum += try queue.receive() } }
    try check(sum, is: sumBelow(count))
    return Reading(time, operations: count)
}

/// Groups of `size` children that do nothing, for each child.
func group(count: Int, size: Int) throws -> Reading {
    var ended = 0
    let time = try ContinuousClock().measure {
        for _ in 0..<count / size {
            try withTaskletGroup(of: Void.self) { group in
                for _ in 0..<size { try group.add { ended += 1 } }
            }
        }
    }
    try check(ended, is: count / size * size)
    return Reading(time, operations: count / size * size)
}
