import Tasklets

// The example of CONTRIBUTING, "A place to wait at". It is there letter by letter.

final class Semaphore: SelectPlace {
    let line = WaitLine()
    private var permits = 0

    deinit { line.free() }

    func acquire() throws {
        let core = try line.begin()
        if isReady { pass() } else { return try line.wait(core, at: self) }
        line.leave(core)
    }

    func release() {
        let core = line.enter()
        if !line.wakeFirst(core) { permits += 1 }
        line.leave(core)
    }

    func describe(_ entry: WaitEntry) -> String { "acquire of a semaphore" }

    var isReady: Bool { permits > 0 }

    func pass() { permits -= 1 }

    func onAcquire<Result>(_ body: @escaping () throws -> Result) -> PlaceClause<Result> {
        PlaceClause(self, PlaceWait(self), body)
    }
}
