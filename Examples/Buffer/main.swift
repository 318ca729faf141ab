// A channel holds nothing. Here a producer runs ahead of the consumer all the same: the values lie in an array, and two
// channels let whoever finds it full or empty wait. One thread only: nothing protects the array.

import Channels
import Tasklets

final class Buffer<Value> {
    private var values: [Value] = []
    private let capacity: Int
    private let wasFilled = Channel<Void>(name: "a value for the consumer")
    private let wasEmptied = Channel<Void>(name: "room for the producer")

    init(capacity: Int) {
        self.capacity = capacity
    }

    func send(_ value: Value) throws {
        while values.count == capacity { try wasEmptied.receive() }
        values.append(value)
        // Below zero: somebody waits to receive.
        if wasFilled.balance < 0 { try wasFilled.send(()) }
    }

    func receive() throws -> Value {
        while values.isEmpty { try wasFilled.receive() }
        let value = values.removeFirst()
        if wasEmptied.balance < 0 { try wasEmptied.send(()) }
        return value
    }
}

let buffer = Buffer<Int>(capacity: 3)

Tasklet(name: "producer") {
    for number in 1...6 {
        try buffer.send(number)
        print("sent", number)
    }
}

Tasklet(name: "consumer") {
    for _ in 1...6 { print("received", try buffer.receive()) }
}

try Tasklet.runUntilDone()
