// TaskJobs JOB COUNT [SIZE] prints the nanoseconds that one operation of the job takes.
//
// Tasks run in the global pool, which the environment variable LIBDISPATCH_COOPERATIVE_POOL_STRICT=1 limits to one
// thread.

import Foundation

let jobs: [String: @Sendable (_ count: Int, _ size: Int) async throws -> Reading] = [
    "yield": yield,
    "deep-yield": deepYield,
    "stream": stream,
    "string": string,
    "ping-pong": pingPong,
    "ring": ring,
    "fan-in": fanIn,
    "broadcast": broadcast,
    "create": create,
    "kill": kill,
    "park": park,
    "parked": parked,
    "generator": generator,
    "await": awaitValue,
    "await-hop": awaitHop,
]

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2, let job = jobs[arguments[0]], let count = Int(arguments[1]) else {
    fail("Usage: TaskJobs JOB COUNT [SIZE]; jobs: \(jobs.keys.sorted())")
}
do {
    print(try await job(count, arguments.count > 2 ? Int(arguments[2])! : 1))
} catch {
    fail("\(arguments): \(error)")
}

func fail(_ reason: String) -> Never {
    FileHandle.standardError.write(Data("\(reason)\n".utf8))
    exit(1)
}
