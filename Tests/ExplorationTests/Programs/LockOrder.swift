// A deadlock by order: two transfers lock the same two accounts the other way round.
import Exploration
import Sync
import Tasklets

let lockOrder = Planted(
    name: "LockOrder",
    kind: "deadlock by lock order",
    bug: { try transfers(ordered: false) },
    fixed: { try transfers(ordered: true) }
)

private func transfers(ordered: Bool) throws {
    let a = Lock(name: "a")
    let b = Lock(name: "b")
    let money = Shared([100, 100])
    Tasklet(name: "a to b") {
        try a.withLock {
            try b.withLock {
                money.value[0] -= 5
                money.value[1] += 5
            }
        }
    }
    Tasklet(name: "b to a") {
        let (first, second) = ordered ? (a, b) : (b, a)
        try first.withLock {
            try second.withLock {
                money.value[1] -= 7
                money.value[0] += 7
            }
        }
    }
    try Tasklet.run()
    if money.value != [102, 98] { throw Wrong("money \(money.value): a transfer did not happen") }
}
