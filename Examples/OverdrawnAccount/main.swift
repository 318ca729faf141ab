// An account that is overdrawn only on the day on which the journal has no room. A search finds the order in which that
// happens, and runs it again. With a lock there is no such order.

import Exploration
import Sync
import Tasklets

class Account {
    private(set) var balance = 100
    private let journal: Queue<String>

    init(journal: Queue<String>) {
        self.journal = journal
    }

    func withdraw(_ amount: Int) throws {
        guard balance >= amount else { return }
        try journal.send("\(amount) of \(balance)")
        balance -= amount
    }
}

final class LockedAccount: Account {
    private let lock = Lock(name: "account")

    override func withdraw(_ amount: Int) throws {
        try lock.withLock { try super.withdraw(amount) }
    }
}

func payTwice(from makeAccount: (Queue<String>) -> Account) throws {
    let journal = Queue<String>(capacity: 8, name: "journal")
    let account = makeAccount(journal)
    check(account.balance >= 0, "the account is not overdrawn")
    Tasklet(name: "rent") { try account.withdraw(70) }
    Tasklet(name: "phone") { try account.withdraw(50) }
    try Tasklet.run()
}

print("As it runs:", try explore(.order) { try payTwice(from: Account.init) })

// The report of a failure is on standard error.
let found = try explore { try payTwice(from: Account.init) }
if let failure = found.failures.first {
    print("Schedule \(failure.schedulesTried) fails: \(failure.schedule)")
    let again = try explore(.replay(failure.schedule)) { try payTwice(from: Account.init) }
    print("Run again:", again.outcomes)
}

print("With a lock:", try explore { try payTwice(from: LockedAccount.init) })
