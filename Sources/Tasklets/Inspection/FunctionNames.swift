import CTasklets

#if canImport(Glibc)
import Glibc
#endif

/// Names of functions by addresses of their code, each looked up once, and the lines that they are at.
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
            unsafe place.address = Self.call(before: address)
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

    /// Leaves out the functions at both ends, through which a tasklet waits and begins: those of the libraries.
    mutating func withoutLibraries(_ addresses: [UInt]) -> ArraySlice<UInt> {
        let isOfLibrary = addresses.map { isOfLibraries(function(at: $0)) }
        guard let first = isOfLibrary.firstIndex(of: false), let last = isOfLibrary.lastIndex(of: false) else {
            return []
        }
        return addresses[first...last]
    }

    /// The program's own functions, the innermost first: without those, and without what the compiler puts between two functions
    /// to adapt a closure.
    mutating func ofProgram(_ addresses: [UInt], limit: Int) -> [UInt] {
        var own: [UInt] = []
        for address in withoutLibraries(addresses) where own.count < limit {
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
        guard let call = unsafe call(before: address), let symbol = unsafe stack_symbol(call) else {
            return unsafe Function(name: "unknown function at \(place(of: call(before: address)))")
        }
        defer { unsafe free(symbol) }
        let mangled = unsafe String(cString: symbol)
        guard let name = unsafe swift_demangle(symbol, strlen(symbol), nil, nil, 0) else {
            return Function(name: mangled, symbol: mangled)
        }
        defer { unsafe free(name) }
        return unsafe Function(name: withoutSpecialization(String(cString: name)), symbol: mangled)
    }

    /// A call may be the last instruction of its line or function: where it goes on is another one then.
    private static func call(before address: UInt) -> UnsafeRawPointer? {
        unsafe UnsafeRawPointer(bitPattern: address &- 1)
    }

    /// In the file that it comes from: the system loads that anywhere.
    private static func place(of address: UnsafeRawPointer?) -> String {
        guard let place = unsafe address.flatMap({ unsafe stack_place($0) }) else {
            return "0x" + String(UInt(bitPattern: address), radix: 16)
        }
        defer { unsafe free(place) }
        return unsafe String(cString: place)
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
