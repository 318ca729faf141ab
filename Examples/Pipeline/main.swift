// Three stages, each a loop of its own, joined by channels. The end travels down with finish().

import Channels
import Tasklets

let numbers = Channel<Int>(name: "numbers")
let squares = Channel<Int>(name: "squares")

Tasklet(name: "count") {
    try numbers.send(contentsOf: 1...4)
    numbers.finish()
}

Tasklet(name: "square") {
    while let number = try numbers.next() {
        try squares.send(number * number)
    }
    squares.finish()
}

Tasklet(name: "add") {
    var sum = 0
    while let square = try squares.next() {
        sum += square
        print("\(square), together \(sum)")
    }
}

try Tasklet.runUntilDone()
