import Foundation
import Testing

/// A screen in memory (Xvfb) with nothing on it, and the tools to look at it.
final class VirtualScreen {
    /// For `DISPLAY`, such as `:1`.
    let name: String
    private let server = Process()

    init() throws {
        // Xvfb finds a free number and writes it when it is ready.
        let ready = Pipe()
        server.executableURL = URL(filePath: "/usr/bin/env")
        server.arguments = ["Xvfb", "-displayfd", "1", "-screen", "0", "800x700x24", "-nolisten", "tcp"]
        server.standardOutput = ready
        server.standardError = FileHandle.nullDevice
        // A thread of the tests blocks all signals, and Xvfb would inherit that and could not be ended.
        var none = sigset_t()
        var former = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &former)
        try server.run()
        unsafe pthread_sigmask(SIG_SETMASK, &former, nil)
        let number = String(decoding: ready.fileHandleForReading.availableData, as: UTF8.self)
        name = ":" + number.trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(name.count > 1, "Xvfb did not start; is it installed?")
    }

    deinit {
        server.terminate()
        server.waitUntilExit()
    }

    /// Waits for a window of this title.
    func window(titled title: String) throws -> UInt32 {
        let found = try tool("xdotool", "search", "--sync", "--name", "^\(title)$")
        return try #require(
            UInt32(String(decoding: found, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        )
    }

    /// Title, width and height of a window.
    func geometry(of window: UInt32) throws -> [String: String] {
        let lines = String(decoding: try tool("xdotool", "getwindowgeometry", "--shell", "\(window)"), as: UTF8.self)
        return Dictionary(
            uniqueKeysWithValues: lines.split(separator: "\n").map { line in
                let parts = line.split(separator: "=")
                return (String(parts[0]), String(parts[1]))
            }
        )
    }

    /// What the screen shows of a window.
    func picture(of window: UInt32, width: Int, height: Int) throws -> PixelGrid {
        PixelGrid(
            width: width,
            height: height,
            bytes: try tool("import", "-silent", "-window", "\(window)", "-depth", "8", "rgb:-")
        )
    }

    private func tool(_ arguments: String...) throws -> Data {
        try PixelGrid.tool(arguments, environment: ["DISPLAY": name])
    }

    /// Asks a window to close, as a window manager does when the user clicks on its cross.
    func close(_ window: UInt32) throws {
        // There is no window manager on this screen, so its part is played here, in the words of the X protocol.
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(connection) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            unsafe path.copyBytes(from: "/tmp/.X11-unix/X\(name.dropFirst())".utf8)
        }
        let connected = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe connect(
                connection,
                bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count)
            )
        }
        try #require(connected == 0)
        let stream = FileHandle(fileDescriptor: connection)

        func bytes(_ number: some FixedWidthInteger) -> Data {
            unsafe withUnsafeBytes(of: number.littleEndian) { unsafe Data($0) }
        }
        func atom(_ name: String) throws -> UInt32 {
            let padding = Data(count: (4 - name.utf8.count % 4) % 4)
            let length = UInt16(2 + (name.utf8.count + padding.count) / 4)
            try stream.write(
                contentsOf: Data([16, 1]) + bytes(length) + bytes(UInt16(name.utf8.count)) + Data(count: 2)
                    + Data(name.utf8) + padding
            )
            let reply = try #require(try stream.read(upToCount: 32))
            return reply[8..<12].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }

        // Little endian, protocol 11.0, no authorisation; the answer begins with its length.
        try stream.write(contentsOf: Data([0x6c, 0]) + bytes(UInt16(11)) + Data(count: 8))
        let header = try #require(try stream.read(upToCount: 8))
        try #require(header[0] == 1)
        _ = try stream.read(upToCount: (Int(header[6]) + Int(header[7]) << 8) * 4)

        let (protocols, deleteWindow) = (try atom("WM_PROTOCOLS"), try atom("WM_DELETE_WINDOW"))
        let message = Data([33, 32, 0, 0]) + bytes(window) + bytes(protocols) + bytes(deleteWindow) + Data(count: 16)
        try stream.write(contentsOf: Data([25, 0]) + bytes(UInt16(11)) + bytes(window) + bytes(UInt32(0)) + message)
        // The answer to one more question shows that the message has been taken.
        _ = try atom("WM_PROTOCOLS")
    }
}
