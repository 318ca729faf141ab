// Check, then act: a cache that loads what it has not got. Loading is a question to a server; two who ask for the same key
// both load it, and both have a connection of their own.
import Channels
import Exploration
import Sync
import Tasklets

let checkThenAct = Planted(
    name: "CheckThenAct",
    kind: "check-then-act",
    bug: { try cache(safe: false) },
    fixed: { try cache(safe: true) }
)

private func cache(safe: Bool) throws {
    let entries = Shared<[String: Int]>([:])
    let loading = Lock(name: "loading")
    let loads = Shared(0)
    let questions = Channel<Channel<Int>>(name: "questions")
    Tasklet(name: "server") {
        while let reply = try questions.next() {
            loads.value += 1
            try reply.send(loads.value)
        }
    }
    func get(_ key: String) throws -> Int {
        if safe { try loading.lock() }
        defer { if safe { loading.unlock() } }
        if let value = entries.value[key] { return value }
        let reply = Channel<Int>(name: "reply")
        try questions.send(reply)
        let value = try reply.receive()
        entries.value[key] = value
        return value
    }
    let first = Shared(0)
    let second = Shared(0)
    Tasklet(name: "first") { first.value = try get("key") }
    Tasklet(name: "second") {
        try Tasklet.schedule()
        second.value = try get("key")
    }
    try Tasklet.run()
    questions.finish()
    try Tasklet.run()
    if first.value != second.value { throw Wrong("two values for one key: \(first.value) and \(second.value)") }
}
