/// Runs `body`, which may call what waits. The closure of an exit test is async, and what waits is not available in it.
///
/// The scheduler is that of the calling thread: the one whose end is that of the program where a test asks for that.
package func synchronously(_ body: () throws -> Void) throws {
    try body()
}
