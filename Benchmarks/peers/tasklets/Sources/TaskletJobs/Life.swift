import CAllocations
import Channels
import Tasklets

/// A tasklet is made, runs and ends, `count` times.
func create(count: Int, size: Int) throws -> Reading {
    var ended = 0
    let time = try ContinuousClock().measure {
        for _ in 0..<count {
            Tasklet { ended += 1 }
            try Tasklet.schedule()
        }
    }
    try check(ended, is: count)
    return Reading(time, operations: count)
}

/// `size` tasklets that wait at a channel are killed; making them is not measured.
func kill(count: Int, size: Int) throws -> Reading {
    let never = Channel<Int>()
    var cleaned = 0
    var time = Duration.zero
    for _ in 0..<count / size {
        let tasklets = (0..<size).map { _ in
            Tasklet {
                defer { cleaned += 1 }
                _ = try never.receive()
            }
        }
        try Tasklet.run()
        time += try ContinuousClock().measure {
            for tasklet in tasklets { try tasklet.kill() }
        }
    }
    try check(cleaned, is: count / size * size)
    return Reading(time, operations: count / size * size)
}

/// One tasklet parks, another one makes it ready and gives way.
func park(count: Int, size: Int) throws -> Reading {
    var woken = 0
    let sleeper = Tasklet {
        for _ in 0..<count {
            try Tasklet.scheduleRemove()
            woken += 1
        }
    }
    Tasklet {
        for _ in 0..<count {
            try sleeper.insert()
            try Tasklet.schedule()
        }
    }
    let time = try ContinuousClock().measure { try Tasklet.run() }
    try check(woken, is: count)
    return Reading(time, operations: count)
}

/// `count` tasklets are made, wait all at once, and end.
func parked(count: Int, size: Int) throws -> Reading {
    let never = Channel<Int>()
    var ended = 0
    let before = resident_bytes()
    var bytes = 0
    let time = try ContinuousClock().measure {
        for _ in 0..<count {
            Tasklet {
                while try never.next() != nil {}
                ended += 1
            }
        }
        try Tasklet.run()
        bytes = resident_bytes() - before
        try check(-never.balance, is: count)
        never.finish()
        try Tasklet.run()
    }
    try check(ended, is: count)
    return Reading(time, operations: count, bytes: bytes / count)
}
