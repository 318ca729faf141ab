// Tasklets call async functions, ten at the same time, and async code calls a tasklet. No thread is blocked.
import Hub
import Tasklets

func fetch(_ number: Int) async throws -> Int {
    try await Task.sleep(for: .milliseconds(20))
    return number * 10
}

actor Bank {
    private var balance = 0

    func deposit(_ amount: Int) -> Int {
        balance += amount
        return balance
    }
}

let numbers = try (1...10).concurrentMap(limit: 10) { number in
    try Tasklet.await { try await fetch(number) }
}
print("ten fetches:", numbers)

let bank = Bank()
print("an actor's balance:", try Tasklet.await { await bank.deposit(100) })

do {
    _ = try withTimeout(.milliseconds(10)) { try Tasklet.await { try await Task.sleep(for: .seconds(3600)) } }
} catch is TimeoutError {
    print("an hour is too long")
}

let scheduler = Scheduler.current.executor
let answer = Hub.task {
    try await scheduler.run {
        try Tasklet.sleep(for: .milliseconds(1))
        return "from a tasklet"
    }
}
print("async code hears", try answer.value())
