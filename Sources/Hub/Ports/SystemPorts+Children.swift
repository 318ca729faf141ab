import CTasklets

/// Children of the system: started by `posix_spawn`, watched by a descriptor of the process.
extension SystemPorts {
    package func start(_ call: ChildCall) throws(SystemError) -> StartedChild {
        var ends: [Handle?] = []
        // Those of the child; it has copies once it runs.
        var theirs: [Int32] = []
        defer { for descriptor in theirs { descriptor_close(descriptor) } }
        do throws(SystemError) {
            var numbers: [Int32] = []
            for (number, stream) in call.streams.enumerated() {
                switch stream {
                case .inherited: numbers.append(Int32(child_inherits))
                case .null: numbers.append(Int32(child_null))
                case .descriptor(let descriptor): numbers.append(descriptor)
                case .pipe:
                    let (our, their) = try makePipe(readsOurs: number > 0)
                    theirs.append(their)
                    numbers.append(their)
                    ends.append(our)
                    continue
                }
                ends.append(nil)
            }
            let (number, process) = try start(call, numbers)
            return StartedChild(number: number, process: process, ends: ends)
        } catch {
            for end in ends { if let end { close(end) } }
            throw error
        }
    }

    private func makePipe(readsOurs: Bool) throws(SystemError) -> (our: Handle, their: Int32) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &ends) {
            unsafe pipe_for_child($0.assumingMemoryBound(to: Int32.self).baseAddress!, readsOurs ? 0 : 1)
        }
        _ = try SystemError.check(result, "open a pipe")
        let (our, their) = readsOurs ? ends : (ends.1, ends.0)
        do {
            return (try adopt(our, isStreamSocket: false), their)
        } catch {
            descriptor_close(their)
            throw error
        }
    }

    private func start(_ call: ChildCall, _ numbers: [Int32]) throws(SystemError) -> (Int32, Handle) {
        let operation = "start \(call.arguments[0])" + (call.folder.map { " in \($0)" } ?? "")
        let (given, keepsOwn) = call.environment.entries
        let texts = call.arguments + given + (call.folder.map { [$0] } ?? [])
        // The system's texts end at a zero: the rest would be lost.
        if texts.contains(where: { $0.utf8.contains(0) }) { throw SystemError(.invalidArgument, operation) }
        let arguments = Self.joined(call.arguments)
        let environment = Self.joined(given)
        var number: Int32 = 0
        func start(_ folder: UnsafePointer<CChar>?) -> Int32 {
            unsafe arguments.withUnsafeBufferPointer { arguments in
                unsafe environment.withUnsafeBufferPointer { environment in
                    var system = unsafe child_call(
                        arguments: arguments.baseAddress!,
                        argument_count: Int32(call.arguments.count),
                        environment: environment.baseAddress!,
                        environment_count: Int32(given.count),
                        keeps_environment: keepsOwn,
                        folder: folder,
                        input: numbers[0],
                        output: numbers[1],
                        errors: numbers[2],
                        has_group: call.hasGroup
                    )
                    return unsafe child_start(&system, &number)
                }
            }
        }
        let result = call.folder.map { unsafe $0.withCString { unsafe start($0) } } ?? start(nil)
        let process = try SystemError.check(result, operation)
        do {
            return (number, try adopt(process, isStreamSocket: false))
        } catch {
            // It is closed now. Without a descriptor it cannot be watched: it does not stay.
            child_abandon(number)
            throw error
        }
    }

    /// Texts as C has them, one behind the other.
    private static func joined(_ texts: [String]) -> [CChar] {
        var joined: [CChar] = []
        for text in texts {
            joined += text.utf8.lazy.map { CChar(bitPattern: $0) }
            joined.append(0)
        }
        return joined.isEmpty ? [0] : joined
    }

    package func takeEnd(of process: Handle, killing group: Int32?) throws(SystemError) -> ChildStatus? {
        let slot = try unsafe open(process, "wait for a child")
        guard unsafe slot.pointee.isReadable else { return nil }
        var code: Int32 = 0
        var wasSignalled = false
        let result = unsafe child_take_end(slot.pointee.descriptor, group ?? 0, &code, &wasSignalled)
        if try SystemError.check(result, "wait for a child") == 0 {
            unsafe slot.pointee.isReadable = false
            return nil
        }
        return wasSignalled ? .signalled(SystemSignal(rawValue: code)) : .exited(code)
    }

    package func signal(_ process: Handle, group: Int32?, _ signal: SystemSignal) throws(SystemError) {
        guard let slot = unsafe slot(process) else { return }
        let result = unsafe child_signal(slot.pointee.descriptor, group ?? 0, signal.rawValue)
        _ = try SystemError.check(result, "send \(signal) to a child")
    }

    package func blockUntilEnd(of process: Handle, atMost nanoseconds: Int64) -> Bool {
        guard let slot = unsafe slot(process) else { return true }
        unsafe slot.pointee.isReadable = true
        return unsafe child_wait(slot.pointee.descriptor, nanoseconds)
    }
}

extension ChildEnvironment {
    /// As the system wants it, and whether the program's own is kept besides.
    fileprivate var entries: (given: [String], keepsOwn: Bool) {
        func list(_ values: [String: String]) -> [String] { values.map { "\($0)=\($1)" }.sorted() }
        return switch self {
        case .inherited: ([], true)
        case .adding(let values): (list(values), true)
        case .only(let values): (list(values), false)
        }
    }
}
