import Tasklets

/// What every socket is made of: a handle, and the hub that it was opened at. Closed with its last reference if not before.
package final class Socket {
    let hub: HubCore
    let handle: Handle
    /// Who is in the middle of writing something that did not go out at once.
    private var writer: Tasklet?

    init(_ hub: HubCore, _ handle: Handle) {
        self.hub = hub
        self.handle = handle
    }

    deinit { hub.whereItBelongs { [handle] in $0.ports.close(handle) } }

    /// Opens one, and closes it again when it cannot be made ready.
    static func open(
        _ family: SocketAddress.Family,
        isStream: Bool,
        _ prepare: (any Ports, Handle) throws -> Void
    ) throws -> Socket {
        let hub = try HubCore.current()
        let socket = Socket(hub, try hub.ports.openSocket(family, isStream: isStream))
        try prepare(hub.ports, socket.handle)
        return socket
    }

    var ports: any Ports { hub.checkedPorts }

    func close() { hub.checkedPorts.close(handle) }

    func address(isOtherSide: Bool) throws -> SocketAddress? {
        try ports.address(of: handle, isOtherSide: isOtherSide)
    }

    // MARK: Streams

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if unsafe buffer.isEmpty { return 0 }
        return try hub.perform(.read, at: handle) { unsafe try $0.read(handle, into: buffer) }
    }

    func write(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws {
        if let writer { throw isBusy(writer) }
        var next = 0
        defer { writer = nil }
        while true {
            while next < pieces.count, unsafe pieces[next].isEmpty { next += 1 }
            if next == pieces.count { return }
            let left = unsafe UnsafeBufferPointer(rebasing: pieces[next...])
            var written = try hub.perform(.write, at: handle) { unsafe try $0.write(handle, left) }
            while written > 0 {
                let piece = unsafe pieces[next]
                let part = min(written, piece.count)
                unsafe pieces[next] = UnsafeRawBufferPointer(rebasing: piece[part...])
                written -= part
                if part == piece.count { next += 1 }
            }
            // Others that write meanwhile would be in the middle of it.
            if next < pieces.count { writer = .current }
        }
    }

    /// What goes out without a wait; how many bytes. Nothing while somebody is in the middle of a write.
    func writeAtOnce(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        if unsafe writer != nil || bytes.isEmpty { return 0 }
        var piece = unsafe bytes
        return unsafe try withUnsafePointer(to: &piece) {
            unsafe try ports.write(handle, UnsafeBufferPointer(start: $0, count: 1)) ?? 0
        }
    }

    /// Reads into the hub's memory, and lends it to `body`.
    func readLent(upTo size: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws -> Int {
        try hub.perform(.read, at: handle) { ports in
            let all = unsafe hub.lentMemory.bytes
            let memory = unsafe UnsafeMutableRawBufferPointer(rebasing: all[..<min(size, all.count)])
            guard let count = unsafe try ports.read(handle, into: memory) else { return Int?.none }
            if count > 0 { unsafe body(UnsafeRawBufferPointer(rebasing: memory[..<count])) }
            return count
        }
    }

    private func isBusy(_ writer: Tasklet) -> HubError {
        .busy(
            operation: "write",
            waiting: "\(writer)",
            refused: "\(Tasklet.current)",
            place: (try? address(isOtherSide: false)).flatMap { $0 }.map { "\($0)" } ?? "a pipe"
        )
    }

    /// Finishes a connect that goes on in the system.
    func connect(to address: SocketAddress) throws {
        if try ports.connect(handle, to: address) { return }
        try hub.wait(.write, at: handle)
        try ports.takeError(of: handle, "connect to \(address)")
    }

    func accept() throws -> (Socket, SocketAddress?) {
        let (accepted, address) = try hub.perform(.read, at: handle) { try $0.accept(handle) }
        return (Socket(hub, accepted), address)
    }
}
