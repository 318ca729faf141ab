/// Who waits for whom, at the moment of a deadlock.
struct WaitGraph {
    private(set) var waiters: [DeadlockError.Waiter] = []
    /// Whether only tasklets of this thread have used what everybody waits for, although other threads might, and nobody
    /// holds it.
    private(set) var isAllAtHome = true
    /// Whether another thread was announced at a place where somebody waits.
    private(set) var isAnnounced = false
    /// Of each waiter: who holds what it waits for.
    private var holders: [[Holder]] = []
    /// Of each waiter, by the address of its record.
    private var numbers: [UInt: Int] = [:]

    /// Inside the gate of the tasklet's scheduler.
    mutating func add(_ tasklet: TaskletRecord) {
        numbers[address(of: tasklet)] = waiters.count
        waiters.append(DeadlockError.Waiter(origin: tasklet.origin, operation: tasklet.describeWait()))
        // A wait at several places may end by any of them.
        holders.append(tasklet.entry.isOneOfSeveral ? [] : tasklet.entry.place!.holders(of: tasklet.entry))
        isAnnounced = isAnnounced || tasklet.entries.contains { $0.fields.reach == .promised }
        isAllAtHome =
            isAllAtHome && holders.last!.isEmpty
            && tasklet.entries.allSatisfy { $0.fields.reach == .home && $0.place is any WaitLineOwner }
    }

    /// The first cycle that is found when everybody's holders are followed, the oldest waiter first.
    var cycle: [DeadlockError.Waiter] {
        var isDone = Array(repeating: false, count: waiters.count)
        for start in waiters.indices where !isDone[start] {
            if let cycle = cycle(from: start, &isDone) { return cycle.map { waiters[$0] } }
        }
        return []
    }

    /// Walks along the holders, without recursion: a chain may be long.
    private func cycle(from start: Int, _ isDone: inout [Bool]) -> [Int]? {
        var path = [(waiter: start, next: 0)]
        var places = [start: 0]
        while let (waiter, next) = path.last {
            guard next < holders[waiter].count else {
                isDone[waiter] = true
                places[waiter] = nil
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            guard let holder = number(of: holders[waiter][next]), !isDone[holder] else { continue }
            if let place = places[holder] { return path[place...].map(\.waiter) }
            places[holder] = path.count
            path.append((holder, 0))
        }
        return nil
    }

    /// The number of a holder that waits itself.
    private func number(of holder: Holder) -> Int? {
        guard let number = numbers[address(of: holder.record)] else { return nil }
        return waiters[number].origin.number == holder.origin.number ? number : nil
    }

    private func address(of record: TaskletRecord) -> UInt { unsafe UInt(bitPattern: record.memory) }
}
