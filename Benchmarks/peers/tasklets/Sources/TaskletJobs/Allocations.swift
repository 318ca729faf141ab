import CAllocations

private struct TooManyAllocations: Error {
    var job: String
    var found: Int
    var allowed: Int
}

/// Counts the blocks of memory that one operation asks for: those of 2N operations less those of N, divided by N.
func countAllocations() throws {
    let operations = 100_000
    let allowed: [(job: String, (Int, Int) throws -> Reading, size: Int, Int)] = [
        ("yield", yield, 2, 0),
        ("deep-yield", deepYield, 2, 0),
        ("stream", stream, 1, 0),
        ("string", string, 1, 0),
        ("ping-pong", pingPong, 1, 0),
        ("ring", ring, 1000, 0),
        ("fan-in", fanIn, 100, 0),
        ("broadcast", broadcast, 1000, 0),
        ("select-ready", selectReady, 2, 0),
        ("select-ready", selectReady, 8, 0),
        ("select-woken", selectWoken, 2, 0),
        ("select-woken", selectWoken, 8, 0),
        ("park", park, 1, 0),
        // A body that captures more than one variable asks for its context.
        ("create", create, 1, 0),
        ("greenlet-switch", greenletSwitch, 2, 0),
        ("generator", generator, 1, 0),
        // The handle.
        ("greenlet-create", greenletCreate, 1, 1),
    ]
    for (name, job, size, limit) in allowed {
        func blocks(_ count: Int) throws -> Int {
            let before = allocation_count()
            _ = try job(count, size)
            return allocation_count() - before
        }
        // Fills the pools.
        _ = try job(operations, size)
        let more = try blocks(2 * operations) - blocks(operations)
        print("\(name): \(Double(more) / Double(operations)) allocations per operation")
        if more > limit * operations {
            throw TooManyAllocations(job: name, found: more, allowed: limit * operations)
        }
    }
}
