import CTasklets
import Synchronization

/// Where a thread is in the middle of what it does: its functions, as far as they can be told.
struct StackSample {
    /// Set once somebody has asked for the watch, or for dumps by signal: threads that begin later see to it that they take the
    /// signal.
    static let areWanted = Atomic(false)

    private let innermost: UInt
    private let callers: [UInt]
    /// What may be a place where one of the functions goes on.
    private let words: [UInt]

    /// Interrupts the thread; `nil` when it does not answer. Inside the gate, so that the thread cannot switch meanwhile, and from
    /// any thread but that one.
    ///
    /// - Parameter patience: how long the thread may take, which may have to wait for a processor, in nanoseconds.
    init?(ofRunning tasklet: TaskletRecord, patience: Int64) {
        let core = tasklet.scheduler
        var sample = stack_sample()
        guard let bounds = unsafe core.stackBounds(of: tasklet),
            unsafe stack_sample_take(core.fields.threadNumber, bounds, patience, &sample), sample.count > 0
        else { return nil }
        let addresses = unsafe withUnsafeBytes(of: sample.addresses) {
            unsafe Array($0.bindMemory(to: UInt.self).prefix(sample.count))
        }
        // As where a call goes on: behind the first byte of the instruction.
        innermost = addresses[0] + 1
        // What looks like a frame may be none: nobody goes on in the first page.
        callers = Array(addresses.dropFirst().prefix { $0 > 4096 })
        words = unsafe withUnsafeBytes(of: sample.words) {
            unsafe Array($0.bindMemory(to: UInt.self).prefix(sample.word_count))
        }
    }

    /// Where the functions go on, the innermost first.
    func addresses(_ names: inout FunctionNames) -> [UInt] {
        let hidden = names.hiddenCaller(of: innermost, among: words)
        return [innermost] + (hidden.map { [$0] } ?? []) + callers
    }
}

extension SchedulerCore {
    /// Where a tasklet is that another thread runs right now, if that thread answers. Inside the gate.
    func sample(of tasklet: TaskletRecord) -> StackSample? {
        guard !isEnded, unsafe fields.sleepContext == nil, isRunning(tasklet) else { return nil }
        return StackSample(ofRunning: tasklet, patience: 300_000_000)
    }
}

extension FunctionNames {
    /// Where the caller of the innermost function goes on, if that function has no frame: it is one of C's, or it calls nothing, or
    /// it has only just begun. Then its caller's frame pointer is in the register, and that caller is in no frame but this.
    fileprivate mutating func hiddenCaller(of innermost: UInt, among words: [UInt]) -> UInt? {
        let isSwift = isSwift(innermost)
        // A frame holds words that others have left there: of a function of Swift, which has one as a rule, only the call of that
        // function counts.
        return words.prefix(isSwift ? 8 : words.count).first { word in
            guard isCaller(word) else { return false }
            return !isSwift || calls(innermost, by: word)
        }
    }

    private mutating func isSwift(_ address: UInt) -> Bool { symbol(address)?.hasPrefix("$s") ?? false }

    /// Whether a word is where a function of Swift goes on after a call.
    private mutating func isCaller(_ word: UInt) -> Bool {
        word > 4096 && isSwift(word) && (unsafe stack_follows_call(UnsafeRawPointer(bitPattern: word)!))
    }

    private mutating func calls(_ function: UInt, by place: UInt) -> Bool {
        guard let called = unsafe stack_called(UnsafeRawPointer(bitPattern: place)!) else { return false }
        // Its address is that of the function's first byte. In another library it is one of a stub, which has no name.
        let name = symbol(UInt(bitPattern: called) + 1)
        return name == nil || name == symbol(function)
    }
}
