import Hub
import Tasklets
import TestSupport

/// The system's ports, with what a system does seldom: it takes and gives a few bytes only, refuses descriptors and memory, and
/// ends connections. All of it by dice.
final class FaultyPorts: Ports {
    private let system: SystemPorts
    private let dice: Dice
    /// How many faults of each kind there were: a test asks, so that none of them is there in name only.
    private(set) var counts: [String: Int] = [:]
    /// One of so many connections ends at an operation.
    var resetsOnceIn = Int.max

    init(_ dice: Dice) throws {
        system = try SystemPorts()
        self.dice = dice
    }

    var openCount: Int { system.openCount }

    private func happens(_ kind: String, onceIn times: Int) -> Bool {
        guard times < .max, dice.isOnce(in: times) else { return false }
        counts[kind, default: 0] += 1
        return true
    }

    // MARK: Faults

    func read(_ handle: Handle, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        if happens("reset", onceIn: resetsOnceIn) { throw SystemError(.connectionReset, "read") }
        guard buffer.count > 1, happens("short read", onceIn: 3) else { return try system.read(handle, into: buffer) }
        let few = UnsafeMutableRawBufferPointer(rebasing: buffer[..<dice.roll(1...min(buffer.count, 100))])
        return try system.read(handle, into: few)
    }

    func write(_ handle: Handle, _ pieces: UnsafeBufferPointer<UnsafeRawBufferPointer>) throws(SystemError) -> Int? {
        if happens("reset", onceIn: resetsOnceIn) { throw SystemError(.connectionReset, "write") }
        if happens("broken pipe", onceIn: resetsOnceIn) { throw SystemError(.brokenPipe, "write") }
        guard let first = pieces.first, first.count > 1, happens("short write", onceIn: 3) else {
            return try system.write(handle, pieces)
        }
        var few = UnsafeRawBufferPointer(rebasing: first[..<dice.roll(1...min(first.count, 1000))])
        // By hand: the error has its type.
        let result: Result<Int?, SystemError> = withUnsafePointer(to: &few) { piece in
            do {
                return .success(try system.write(handle, UnsafeBufferPointer(start: piece, count: 1)))
            } catch let error as SystemError {
                return .failure(error)
            } catch { fatalError("\(error)") }
        }
        return try result.get()
    }

    func accept(_ handle: Handle) throws(SystemError) -> (Handle, SocketAddress?)? {
        if happens("no descriptor", onceIn: 10) { throw SystemError(.tooManyOpenFiles, "accept") }
        if happens("no memory", onceIn: 10) { throw SystemError(.init(rawValue: 105), "accept") }
        if happens("aborted", onceIn: 10) { throw SystemError(.init(rawValue: 103), "accept") }
        return try system.accept(handle)
    }

    // MARK: The system's own

    var pending: Int { system.pending }
    func sleep(until deadline: Int64) { system.sleep(until: deadline) }
    func collect(for core: SchedulerCore) { system.collect(for: core) }
    func interrupt() { system.interrupt() }
    func withdraw(_ entry: WaitEntry) -> Withdrawal { system.withdraw(entry) }
    func describe(_ entry: WaitEntry) -> String { system.describe(entry) }
    func checkMayWait(for direction: Direction, at handle: Handle) throws {
        try system.checkMayWait(for: direction, at: handle)
    }
    func isAwaited(_ direction: Direction, at handle: Handle) -> Bool { system.isAwaited(direction, at: handle) }
    func add(_ entry: WaitEntry) -> Bool { system.add(entry) }
    func openSocket(_ family: SocketAddress.Family, isStream: Bool) throws(SystemError) -> Handle {
        try system.openSocket(family, isStream: isStream)
    }
    func openPair(isStream: Bool) throws(SystemError) -> (Handle, Handle) { try system.openPair(isStream: isStream) }
    func bind(_ handle: Handle, to address: SocketAddress) throws(SystemError) { try system.bind(handle, to: address) }
    func listen(_ handle: Handle, backlog: Int) throws(SystemError) { try system.listen(handle, backlog: backlog) }
    func connect(_ handle: Handle, to address: SocketAddress) throws(SystemError) -> Bool {
        try system.connect(handle, to: address)
    }
    func takeError(of handle: Handle, _ operation: @autoclosure () -> String) throws(SystemError) {
        try system.takeError(of: handle, operation())
    }
    func address(of handle: Handle, isOtherSide: Bool) throws(SystemError) -> SocketAddress? {
        try system.address(of: handle, isOtherSide: isOtherSide)
    }
    func shutdown(_ handle: Handle, reads: Bool, writes: Bool) throws(SystemError) {
        try system.shutdown(handle, reads: reads, writes: writes)
    }
    func setOption(_ option: SocketOption, of handle: Handle, to value: Int) throws(SystemError) {
        try system.setOption(option, of: handle, to: value)
    }
    func option(_ option: SocketOption, of handle: Handle) throws(SystemError) -> Int {
        try system.option(option, of: handle)
    }
    func resetAtClose(_ handle: Handle) throws(SystemError) { try system.resetAtClose(handle) }
    func receive(
        _ handle: Handle,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> (Int, SocketAddress?)? { try system.receive(handle, into: buffer) }
    func send(
        _ handle: Handle,
        _ bytes: UnsafeRawBufferPointer,
        to address: SocketAddress?
    ) throws(SystemError) -> Bool { try system.send(handle, bytes, to: address) }
    func send(
        _ handle: Handle,
        _ bytes: UnsafeRawBufferPointer,
        descriptors: [Int32]
    ) throws(SystemError) -> Int? { try system.send(handle, bytes, descriptors: descriptors) }
    func receiveDescriptors(
        _ handle: Handle,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> (Int, [Int32])? { try system.receiveDescriptors(handle, into: buffer) }
    func removeSocketFile(_ path: String) { system.removeSocketFile(path) }
    func openPipe() throws(SystemError) -> (reading: Handle, writing: Handle) { try system.openPipe() }
    func borrow(_ descriptor: Int32, for direction: Direction) throws(SystemError) -> Handle {
        try system.borrow(descriptor, for: direction)
    }
    func isReady(for direction: Direction, at handle: Handle) throws(SystemError) -> Bool {
        try system.isReady(for: direction, at: handle)
    }
    func start(_ call: ChildCall) throws(SystemError) -> StartedChild { try system.start(call) }
    func takeEnd(of process: Handle, killing group: Int32?) throws(SystemError) -> ChildStatus? {
        try system.takeEnd(of: process, killing: group)
    }
    func signal(_ process: Handle, group: Int32?, _ signal: SystemSignal) throws(SystemError) {
        try system.signal(process, group: group, signal)
    }
    func blockUntilEnd(of process: Handle, atMost nanoseconds: Int64) -> Bool {
        system.blockUntilEnd(of: process, atMost: nanoseconds)
    }
    func listen(to signals: [SystemSignal]) throws(SystemError) -> Handle { try system.listen(to: signals) }
    func setReadsKeys(_ isOn: Bool, at handle: Handle) throws(SystemError) {
        try system.setReadsKeys(isOn, at: handle)
    }
    func terminalSize(of handle: Handle) throws(SystemError) -> Terminal.Size { try system.terminalSize(of: handle) }
    func perform(_ job: @escaping @Sendable () -> Void, by workers: WorkerPool.Kind) throws(SystemError) {
        try system.perform(job, by: workers)
    }
    func lookUp(_ name: String) -> @Sendable () throws -> [IPAddress] { system.lookUp(name) }
    var files: any FileSystem { system.files }
    func close(_ handle: Handle) { system.close(handle) }
    func closeAll() { system.closeAll() }
}
