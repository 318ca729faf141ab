private import Glibc

/// Ends the process, which is one of an exit test, if that hangs. On a machine that is busy with much else a sound test may
/// take minutes. Planted faults make tests hang on purpose: `Tests/Faults/run` sets a shorter time.
package func setHangAlarm() {
    let seconds = getenv("HANG_ALARM").flatMap { UInt32(String(cString: $0)) } ?? 600
    alarm(seconds)
}
