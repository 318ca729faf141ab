import Foundation
import Testing

/// The part of a window manager, in the words of the X protocol: there is none on a virtual screen.
final class WindowManager {
    private let stream: FileHandle
    private let root: UInt32
    /// Asked for before there are events, which could come between a question and its answer.
    private var atoms: (state: UInt32, fullScreen: UInt32) = (0, 0)

    init(of screen: VirtualScreen) throws {
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        stream = FileHandle(fileDescriptor: connection, closeOnDealloc: true)
        // Reading an answer that does not come must end.
        var patience = timeval(tv_sec: 600, tv_usec: 0)
        unsafe setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            unsafe path.copyBytes(from: "/tmp/.X11-unix/X\(screen.name.dropFirst())".utf8)
        }
        let connected = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe connect(
                connection,
                bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count)
            )
        }
        try #require(connected == 0)

        // Little endian, protocol 11.0, no authorisation; the answer begins with its length.
        try stream.write(contentsOf: Data([0x6c, 0]) + Self.bytes(UInt16(11)) + Data(count: 8))
        let header = try #require(try stream.read(upToCount: 8))
        try #require(header[0] == 1)
        let setup = try #require(try stream.read(upToCount: (Int(header[6]) + Int(header[7]) << 8) * 4))
        // The first screen, which begins with its root window, stands behind the vendor's name and the formats.
        let vendor = Int(setup[16]) + Int(setup[17]) << 8
        root = Self.number(setup, at: 32 + (vendor + 3) / 4 * 4 + Int(setup[21]) * 8)
    }

    /// Asks a window to close, as when the user clicks on its cross.
    func close(_ window: UInt32) throws {
        let (protocols, deleteWindow) = (try atom("WM_PROTOCOLS"), try atom("WM_DELETE_WINDOW"))
        let message =
            Data([33, 32, 0, 0]) + Self.bytes(window) + Self.bytes(protocols) + Self.bytes(deleteWindow)
            + Data(count: 16)
        try stream.write(
            contentsOf: Data([25, 0]) + Self.bytes(UInt16(11)) + Self.bytes(window) + Self.bytes(UInt32(0)) + message
        )
        // The answer to one more question shows that the message has been taken.
        _ = try atom("WM_PROTOCOLS")
    }

    /// From here on the manager is told what windows ask for.
    func listen() throws {
        atoms = (try atom("_NET_WM_STATE"), try atom("_NET_WM_STATE_FULLSCREEN"))
        let (eventMask, substructure): (UInt32, UInt32) = (1 << 11, 1 << 19)
        try stream.write(
            contentsOf: Data([2, 0, 4, 0]) + Self.bytes(root) + Self.bytes(eventMask) + Self.bytes(substructure)
        )
    }

    /// Waits until a window asks to fill the screen (true) or no longer to do so (false).
    func nextFullScreenRequest(of window: UInt32) throws -> Bool {
        let clientMessage: UInt8 = 33
        while true {
            let event = try #require(try stream.read(upToCount: 32))
            // The highest bit says that another program has sent it.
            if event[0] & 0x7f == clientMessage, Self.number(event, at: 4) == window,
                Self.number(event, at: 8) == atoms.state, Self.number(event, at: 16) == atoms.fullScreen
            {
                return Self.number(event, at: 12) == 1
            }
        }
    }

    private func atom(_ name: String) throws -> UInt32 {
        let padding = Data(count: (4 - name.utf8.count % 4) % 4)
        let length = UInt16(2 + (name.utf8.count + padding.count) / 4)
        try stream.write(
            contentsOf: Data([16, 1]) + Self.bytes(length) + Self.bytes(UInt16(name.utf8.count)) + Data(count: 2)
                + Data(name.utf8) + padding
        )
        let reply = try #require(try stream.read(upToCount: 32))
        return Self.number(reply, at: 8)
    }

    private static func bytes(_ number: some FixedWidthInteger) -> Data {
        unsafe withUnsafeBytes(of: number.littleEndian) { unsafe Data($0) }
    }

    private static func number(_ data: Data, at offset: Int) -> UInt32 {
        data[data.startIndex + offset..<data.startIndex + offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
