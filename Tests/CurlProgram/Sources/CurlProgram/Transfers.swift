import CCurl
import Channels
import Hub
import Tasklets

/// Transfers of libcurl, driven by tasklets: the library opens the sockets and says for what it waits at which of them.
///
/// A tasklet waits for each direction of each socket, and another one for the time. None of them holds the thread.
@safe final class Transfers {
    struct Failure: Error { let text: String }

    private struct Place: Hashable {
        let socket: Int32
        let isReading: Bool
    }

    private final class Transfer {
        var body: [UInt8] = []
        let hasEnded = Channel<CURLcode>(name: "the end of a transfer")
    }

    private let all: OpaquePointer
    private var waiters: [Place: Tasklet] = [:]
    private var timer: Tasklet?
    private var running: [UnsafeMutableRawPointer: Transfer] = unsafe [:]

    init() {
        unsafe all = OpaquePointer(curl_multi_init())
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe transfers_tell(
            UnsafeMutableRawPointer(all),
            { _, socket, what, data, _ in
                unsafe Unmanaged<Transfers>.fromOpaque(data!).takeUnretainedValue().wait(at: socket, for: what)
                return 0
            },
            { _, milliseconds, data in
                unsafe Unmanaged<Transfers>.fromOpaque(data!).takeUnretainedValue().wait(for: milliseconds)
                return 0
            },
            me
        )
    }

    deinit { unsafe curl_multi_cleanup(UnsafeMutableRawPointer(all)) }

    /// Fetches a page. Other tasklets run meanwhile, and fetch theirs.
    func get(_ address: String) throws -> (status: Int, body: [UInt8]) {
        let transfer = Transfer()
        let handle = unsafe curl_easy_init()!
        defer { unsafe curl_easy_cleanup(handle) }
        let data = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        unsafe transfer_prepare(
            handle,
            address,
            { bytes, size, count, data in
                let transfer = unsafe Unmanaged<Transfer>.fromOpaque(data!).takeUnretainedValue()
                unsafe transfer.body += UnsafeRawBufferPointer(start: bytes, count: size * count)
                return size * count
            },
            data
        )
        unsafe running[handle] = transfer
        unsafe curl_multi_add_handle(UnsafeMutableRawPointer(all), handle)
        defer {
            unsafe running[handle] = nil
            unsafe curl_multi_remove_handle(UnsafeMutableRawPointer(all), handle)
        }
        let result = try transfer.hasEnded.receive()
        guard result == CURLE_OK else { throw Failure(text: unsafe String(cString: curl_easy_strerror(result))) }
        return (Int(unsafe transfer_status(handle)), transfer.body)
    }

    /// The library says for what it waits at a socket: until it says otherwise.
    private func wait(at socket: Int32, for what: Int32) {
        for isReading in [true, false] {
            let bit = isReading ? CURL_POLL_IN : CURL_POLL_OUT
            let isWanted = what != CURL_POLL_REMOVE && what & bit != 0
            let place = Place(socket: socket, isReading: isReading)
            if isWanted == (waiters[place] != nil) { continue }
            if !isWanted {
                end(waiters.removeValue(forKey: place)!)
                continue
            }
            waiters[place] = Tasklet(name: "socket \(socket)") { [unowned self] in
                while waiters[place] == .current {
                    try isReading ? Hub.waitReadable(socket) : Hub.waitWritable(socket)
                    act(socket, isReading ? CURL_CSELECT_IN : CURL_CSELECT_OUT)
                }
            }
        }
    }

    /// The library wants to be asked after so long; never for -1.
    private func wait(for milliseconds: Int) {
        if let timer { end(timer) }
        timer = nil
        if milliseconds < 0 { return }
        timer = Tasklet(name: "timer") { [unowned self] in
            try Tasklet.sleep(for: .milliseconds(milliseconds))
            timer = nil
            act(CURL_SOCKET_TIMEOUT, 0)
        }
    }

    /// Not the one that runs: it has called the library, and sees itself that it is no longer wanted.
    private func end(_ tasklet: Tasklet) {
        if tasklet == .current { return }
        try! tasklet.kill(pending: true)
    }

    private func act(_ socket: Int32, _ what: Int32) {
        var left: Int32 = 0
        unsafe curl_multi_socket_action(UnsafeMutableRawPointer(all), socket, what, &left)
        var result = CURLE_OK
        while let handle = unsafe transfers_ended(UnsafeMutableRawPointer(all), &result) {
            guard let transfer = unsafe running[handle] else { continue }
            Tasklet { try transfer.hasEnded.send(result) }
        }
    }
}
