// When everybody waits for somebody else, the error says who waits, where each was made, and for what.

import Channels
import Tasklets

let orders = Channel<String>(name: "orders")
let dishes = Channel<String>(name: "dishes")
let bills = Channel<Int>(name: "bills")

let cook = Tasklet(name: "cook") {
    let order = try orders.receive()
    try dishes.send("a plate of \(order)")
}

Tasklet(name: "waiter") {
    let dish = try dishes.receive()  // the mistake: nobody has ordered yet
    print("serving", dish)
    try orders.send("soup")
    try bills.send(12)
}

do {
    print("to pay:", try bills.receive())
} catch let deadlock as DeadlockError {
    print(deadlock)
    cook.cancel()
}
