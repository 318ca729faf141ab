// Five values come every ten milliseconds, then nothing for two hundred. The consumer waits for fifty at a time.
// On a virtual clock: the program takes no time, and prints the same on every machine.
import TaskletKit

try Scheduler.scope(clock: .virtual) {
    let values = Channel<Int>(name: "values")
    Tasklet(name: "producer") {
        for value in 1...5 {
            try Tasklet.sleep(for: .milliseconds(10))
            try values.send(value)
        }
        try Tasklet.sleep(for: .milliseconds(210))
        try values.send(6)
        values.finish()
    }

    let start = Scheduler.current.now
    var isOver = false
    while !isOver {
        try select {
            values.onNext { value in
                let time = start.duration(to: Scheduler.current.now) / .milliseconds(1)
                if let value { print("\(Int(time)) ms: value \(value)") }
                isOver = value == nil
            }
            after(.milliseconds(50)) {
                print("\(Int(start.duration(to: Scheduler.current.now) / .milliseconds(1))) ms: nothing came")
            }
        }
    }
}
