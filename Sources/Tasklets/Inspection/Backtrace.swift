import CTasklets

#if canImport(Glibc)
import Glibc
#endif

extension Tasklet {
    /// Where the tasklet is: the function that parked it, then whoever called that one, and so on down to its body.
    ///
    /// ```swift
    /// for line in reader.backtrace() { print(line) }
    /// // static Tasklets.Tasklet.scheduleRemove() throws -> () at Tasklet+Scheduling.swift:84
    /// // Demo.waitForInput() throws -> () at main.swift:12
    /// // closure #1 () throws -> () in Demo at main.swift:20
    /// ```
    ///
    /// For the current tasklet the first line is the caller of this. Empty before the tasklet has begun and after its end. One
    /// that another thread runs right now is interrupted, as by ``Scheduler/dump(frames:)``.
    ///
    /// A function that the compiler has put into its caller has no line of its own, and a C function that was compiled
    /// without frame pointers may hide its callers. File and line are those of the call, which in an optimized build may be
    /// one inside of such a function; they are missing where the compiler or the linker has left them out. Costs some hundred
    /// microseconds for each line, and some milliseconds for each megabyte of debug information: names and lines are looked
    /// up in the program's file. At most 1000 lines.
    public func backtrace() -> [String] {
        var here = unsafe stack_context()
        unsafe stack_here(&here)
        let core = record.scheduler
        // Its thread changes that under the registry's lock, not inside the gate.
        let isPresent = SchedulerRegistry.presence(of: core) == .present
        let found = core.insideGate { isForeign in
            let frames = unsafe core.frames(of: record, here: isForeign ? nil : here, limit: .max)
            return (frames: frames, sample: isForeign && isPresent ? core.sample(of: record) : nil)
        }
        var names = FunctionNames()
        let addresses = found.sample?.addresses(&names) ?? found.frames
        names.findLines(of: addresses)
        return addresses.map { names[$0] }
    }
}

extension SchedulerCore {
    private static let longestBacktrace = 1000

    /// Addresses of code, the innermost first. Inside the gate.
    ///
    /// - Parameter here: where the calling thread is, if it is the scheduler's own; that frame is left out.
    func frames(of tasklet: TaskletRecord, here: stack_context?, limit: Int) -> [UInt] {
        guard limit > 0, tasklet.state != .dead, let bounds = unsafe stackBounds(of: tasklet),
            let position = unsafe position(of: tasklet, here: here)
        else { return [] }
        let limit = min(limit, SchedulerCore.longestBacktrace)
        // One more, for the frame that is left out.
        let capacity = limit + 1
        let isHere = unsafe here != nil && position.stack_pointer == here?.stack_pointer
        return unsafe withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: capacity) { buffer in
            let count = unsafe withUnsafePointer(to: position) {
                unsafe stack_frames($0, bounds, buffer.baseAddress!, capacity)
            }
            let found = (0..<count).map { unsafe UInt(bitPattern: buffer[$0]) }
            return Array(found.dropFirst(isHere ? 1 : 0).prefix(limit))
        }
    }
}

/// Names of functions by addresses of their code; each address is looked up once.
struct FunctionNames {
    private struct Function {
        var name: String
        /// As the linker knows it.
        var symbol: String?
    }

    private var known: [UInt: Function] = [:]
    private var lines: [UInt: String] = [:]

    /// "Demo.waitForInput() throws -> () at main.swift:12", or the name alone.
    ///
    /// - Parameter address: where the function goes on.
    subscript(address: UInt) -> String {
        mutating get { function(at: address).name + (lines[address].map { " at " + $0 } ?? "") }
    }

    /// Looks up files and lines, all at once: each call reads the program's file from end to end.
    mutating func findLines(of addresses: some Collection<UInt>) {
        guard !addresses.isEmpty else { return }
        var found = unsafe addresses.map { address in
            var place = unsafe source_line()
            // A call may be the last instruction of its line.
            unsafe place.address = UnsafeRawPointer(bitPattern: address &- 1)
            return unsafe place
        }
        unsafe found.withUnsafeMutableBufferPointer { unsafe source_lines_find($0.baseAddress!, $0.count) }
        for index in unsafe found.indices where unsafe found[index].line > 0 {
            let file = unsafe withUnsafeBytes(of: found[index].file) { name in
                unsafe String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            // Of C code that was put into a function of Swift, as the switch is, the line says nothing about that function.
            if file.hasSuffix(".h") { continue }
            lines[UInt(bitPattern: unsafe found[index].address) + 1] = unsafe "\(file):\(found[index].line)"
        }
    }

    /// Whether it is a function of these modules, or of the standard library: the types of that have short names, `$sSa` for
    /// `Array`, which begin the names of what others add to them, too.
    private func isOfLibraries(_ function: Function) -> Bool {
        guard let symbol = function.symbol else { return false }
        let modules = ["8Tasklets", "8Channels", "4Sync", "9Greenlets", "3Hub", "3TLS", "4HTTP", "6Actors", "s"]
        if symbol == "stack_start" || modules.contains(where: { symbol.hasPrefix("$s" + $0) }) { return true }
        return symbol.hasPrefix("$sS") && !symbol.hasPrefix("$sSo") && !function.name.contains("(extension in ")
    }

    /// Leaves out the functions at both ends through which a tasklet waits and begins: those of these libraries, and
    /// those of the standard library in between.
    mutating func withoutKernel(_ addresses: [UInt]) -> ArraySlice<UInt> {
        let isKernel = addresses.map { isOfLibraries(function(at: $0)) }
        guard let first = isKernel.firstIndex(of: false), let last = isKernel.lastIndex(of: false) else { return [] }
        return addresses[first...last]
    }

    /// The program's own functions, the innermost first: without those, and without what the compiler puts between two functions
    /// to adapt a closure.
    mutating func ofProgram(_ addresses: [UInt], limit: Int) -> [UInt] {
        var own: [UInt] = []
        for address in withoutKernel(addresses) where own.count < limit {
            let name = function(at: address).name
            let isAdapter = ["reabstraction thunk ", "partial apply "].contains { name.hasPrefix($0) }
            if !isAdapter { own.append(address) }
        }
        return own
    }

    /// As the linker knows it; `nil` when nobody knows.
    mutating func symbol(_ address: UInt) -> String? { function(at: address).symbol }

    private mutating func function(at address: UInt) -> Function {
        if let function = known[address] { return function }
        let function = Self.find(address)
        known[address] = function
        return function
    }

    private static func find(_ address: UInt) -> Function {
        // A call may be the last instruction of its function: where it goes on is another function then.
        guard let place = unsafe UnsafeRawPointer(bitPattern: address &- 1), let symbol = unsafe stack_symbol(place)
        else {
            return unknown(address)
        }
        defer { unsafe free(symbol) }
        let mangled = unsafe String(cString: symbol)
        guard let name = unsafe swift_demangle(symbol, strlen(symbol), nil, nil, 0) else {
            return Function(name: mangled, symbol: mangled)
        }
        defer { unsafe free(name) }
        return unsafe Function(name: withoutSpecialization(String(cString: name)), symbol: mangled)
    }

    private static func unknown(_ address: UInt) -> Function {
        let place = unsafe UnsafeRawPointer(bitPattern: address &- 1)
        let library = unsafe place.flatMap { unsafe stack_library($0) }
        defer { unsafe free(library) }
        let origin = unsafe library.map { unsafe "unknown function of " + String(cString: $0) } ?? "unknown function"
        return Function(name: origin + " at 0x" + String(address, radix: 16))
    }

    /// Leaves out how the optimizer came to make the function, as in "generic specialization <Swift.Int> of …". "Merged"
    /// stays: such a function stands for several that were alike, and has the name of one of them.
    private static func withoutSpecialization(_ name: String) -> String {
        let merged = name.hasPrefix("merged ") ? "merged " : ""
        let rest = name.dropFirst(merged.count)
        let isSpecialized = ["generic ", "function signature "].contains { rest.hasPrefix($0 + "specialization <") }
        guard isSpecialized, let end = rest.ranges(of: "> of ").last else { return name }
        return merged + rest[end.upperBound...]
    }
}
