// A pipeline that is left in the middle: one tasklet counts, four square, and main takes a hundred squares. `cancelAll` ends
// the rest, wherever they wait, and the block is left when every `defer` has run.
import TaskletKit

var cleanups = 0
let squares = try withTaskletGroup(of: Void.self) { group in
    let numbers = Channel<Int>(name: "numbers")
    let output = Channel<Int>(name: "output")
    try group.add(name: "count") {
        defer { cleanups += 1 }
        for number in 1... { try numbers.send(number) }
    }
    for worker in 1...4 {
        try group.add(name: "square \(worker)") {
            defer { cleanups += 1 }
            while let number = try numbers.next() { try output.send(number * number) }
        }
    }
    var squares: [Int] = []
    while squares.count < 100 { squares.append(try output.receive()) }
    group.cancelAll()
    return squares
}
print(squares.count, "squares, the last one", squares.max() ?? 0)
print(cleanups, "tasklets have cleaned up")
