// Ten thousand jobs, never more than eight at once. One of them fails, the others do not notice: each job gives a `Result`,
// and the results are in the order of the jobs.
import TaskletKit

struct JobFailed: Error {
    let number: Int
}

func work(_ number: Int) throws -> Int {
    try Tasklet.schedule()
    if number == 7_777 { throw JobFailed(number: number) }
    return number * number
}

let results = try (0..<10_000).concurrentMap(limit: 8) { number in
    do {
        return Result<Int, JobFailed>.success(try work(number))
    } catch let failure as JobFailed {
        return .failure(failure)
    }
}
print(results.count, "results")
print("job 9999:", results[9_999])
print("job 7777:", results[7_777])
