// Workers that take jobs, one of which fails: the others are cancelled, clean up, and the error comes out of the block.

import Tasklets

struct BadJob: Error {
    let number: Int
}

do {
    try withTaskletGroup(of: Int.self, limit: 4) { group in
        group.onError = { print("\($0.taskletName) failed: \($0.error)") }
        for number in 1...8 {
            try group.add(name: "worker \(number)") {
                defer { print("worker \(number) is done") }
                if number == 3 { throw BadJob(number: number) }
                // As long as nobody cancels.
                if number == 2 { try Tasklet.sleep(for: .seconds(3600)) }
                return number * number
            }
        }
        while let square = try group.next() { print("result:", square) }
    }
} catch let error as BadJob {
    print("job", error.number, "was bad; all workers have ended")
}
