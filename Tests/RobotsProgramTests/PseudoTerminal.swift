import Foundation
import Glibc
import Testing

/// A new terminal, with the test in place of the screen.
final class PseudoTerminal {
    /// For the program. To be closed when it has been started, so that the screen notices its end.
    let programsEnd: FileHandle
    private let screen: FileHandle

    init() throws {
        // Its two ends, the second one after it has been unlocked (TIOCSPTLCK, TIOCGPTN).
        screen = try #require(FileHandle(forUpdatingAtPath: "/dev/ptmx"))
        var (lock, number): (Int32, UInt32) = (0, 0)
        try #require(unsafe ioctl(screen.fileDescriptor, 0x4004_5431, &lock) == 0)
        try #require(unsafe ioctl(screen.fileDescriptor, 0x8004_5430, &number) == 0)
        programsEnd = try #require(FileHandle(forUpdatingAtPath: "/dev/pts/\(number)"))
    }

    func resize(columns: Int) throws {
        var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        try #require(unsafe ioctl(screen.fileDescriptor, UInt(TIOCSWINSZ), &size) == 0)
    }

    /// Waits for something to be shown; nil when the program has gone.
    func read() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe Glibc.read(screen.fileDescriptor, buffer.baseAddress, buffer.count)
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
