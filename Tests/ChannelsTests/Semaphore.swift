import Tasklets

// The example of CONTRIBUTING, "A place to wait at". It is there letter by letter.

final class Semaphore: WaitLineOwner {
    let line = WaitLine()
    private var permits = 0

    deinit { line.free() }

    func acquire() throws {
        let core = try line.begin()
        if permits > 0 { permits -= 1 } else { return try line.wait(core, at: self) }
        line.leave(core)
    }

    func release() {
        let core = line.enter()
        if !line.wakeFirst(core) { permits += 1 }
        line.leave(core)
    }

    func describe(_ entry: WaitEntry) -> String { "acquire of a semaphore" }
}
