// TaskletJobs JOB COUNT [SIZE] prints the nanoseconds that one operation of the job takes.
// TaskletJobs allocations prints how often memory is asked for, and fails if that is too often.

import Foundation

let jobs: [String: (_ count: Int, _ size: Int) throws -> Reading] = [
    "yield": yield,
    "yield-outside": yieldWhileOneWaits,
    "deep-yield": deepYield,
    "stream": stream,
    "string": string,
    "ping-pong": pingPong,
    "ring": ring,
    "fan-in": fanIn,
    "broadcast": broadcast,
    "select-ready": selectReady,
    "select-woken": selectWoken,
    "create": create,
    "kill": kill,
    "park": park,
    "parked": parked,
    "timeout": timeout,
    "sleeping": sleeping,
    "greenlet-switch": greenletSwitch,
    "greenlet-create": greenletCreate,
    "generator": generator,
    "generator-dropped": generatorDropped,
    "iterator": iterator,
    "robots": robots,
    "threads-ping-pong": threadPingPong,
    "threads-stream": threadStream,
    "threads-asleep": threadAsleep,
    "permit": permit,
    "lock": lock,
    "hand-over": handOver,
    "queue": queue,
    "group": group,
    "threads-queue": threadQueue,
    "await": awaitValue,
    "await-hop": awaitHop,
    "offload": offloaded,
]

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    if arguments == ["allocations"] {
        try countAllocations()
    } else if arguments.count >= 2, let job = jobs[arguments[0]], let count = Int(arguments[1]) {
        print(try job(count, arguments.count > 2 ? Int(arguments[2])! : 1))
    } else {
        fail("Usage: TaskletJobs allocations, or TaskletJobs JOB COUNT [SIZE]; jobs: \(jobs.keys.sorted())")
    }
} catch {
    fail("\(arguments): \(error)")
}

func fail(_ reason: String) -> Never {
    FileHandle.standardError.write(Data("\(reason)\n".utf8))
    exit(1)
}
