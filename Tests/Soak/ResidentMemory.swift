import Glibc

/// The process's memory, looked at between rounds: after the warm-up it must not grow. A sanitizer's own memory does, so
/// nothing is said of it where the variable `SANITIZER` is set.
struct ResidentMemory {
    /// What the allocator may keep, and what differs from round to round.
    private static let tolerance = 48 << 20
    private var warm = 0
    private(set) var peak = 0

    /// Bytes in memory now.
    private static var now: Int {
        guard let file = fopen("/proc/self/statm", "r") else { fail("/proc/self/statm cannot be read") }
        defer { fclose(file) }
        var total = 0
        var resident = 0
        let found = withUnsafeMutablePointer(to: &total) { total in
            withUnsafeMutablePointer(to: &resident) { resident in
                withVaList([total, resident]) { vfscanf(file, "%ld %ld", $0) }
            }
        }
        guard found == 2 else { fail("/proc/self/statm has an unknown form") }
        return resident * Int(getpagesize())
    }

    mutating func look(isWarmingUp: Bool) {
        let now = Self.now
        peak = max(peak, now)
        if getenv("SANITIZER") != nil { return }
        if isWarmingUp {
            warm = max(warm, now)
        } else if now > warm + warm / 5 + Self.tolerance {
            fail("memory has grown from \(warm >> 20) to \(now >> 20) MiB")
        }
    }
}
