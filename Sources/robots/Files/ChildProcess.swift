// The environment is a global variable of C, which the program never changes.
@unsafe @preconcurrency import Glibc
import Synchronization

/// Another program that this one has started, and that reads what it is given.
final class ChildProcess {
    /// The number under which the program finds the file that it writes among its open files.
    static let outputNumber: Int32 = 3

    private let number: pid_t
    private let input: Descriptor
    private let errors: Descriptor
    private var hasEnded = false
    /// The one that is running, for a signal handler; there is one at a time. 0 when there is none.
    private static let running = Atomic<pid_t>(0)

    /// How a program has ended that was not content.
    struct Complaint {
        /// What it has written to standard error.
        let errors: String
        /// Nil when it has ended by itself.
        let signal: Int32?
    }

    /// Starts a program that is looked for where the shell looks for it.
    ///
    /// - Throws: `SystemError`; its code is `ENOENT` when there is no such program.
    init(_ arguments: [String], output: Descriptor) throws(SystemError) {
        errors = try ScratchFile.inFolderForTemporaryFiles().descriptor
        let pipe = try Descriptor.makePipe()
        input = pipe.writing
        defer { try? pipe.reading.close() }
        // This end is ours alone, so that a write may take what there is room for.
        input.doNotBlock()

        var files = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&files)
        defer { unsafe posix_spawn_file_actions_destroy(&files) }
        // In an order in which none is overwritten: all descriptors of our own are greater than 2.
        unsafe posix_spawn_file_actions_adddup2(&files, pipe.reading.number, STDIN_FILENO)
        unsafe posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&files, errors.number, STDERR_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&files, output.number, ChildProcess.outputNumber)

        // A group of its own: ctrl-C on the terminal is for this program, which then lets the other one finish.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        var defaults = sigset_t()
        unsafe sigemptyset(&defaults)
        // This program ignores both, and a child process inherits that.
        unsafe sigaddset(&defaults, SIGPIPE)
        unsafe sigaddset(&defaults, SIGXFSZ)
        unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)

        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe words.indices { unsafe free(words[index]) }
        }
        var number: pid_t = 0
        let code = unsafe posix_spawnp(&number, arguments[0], &files, &attributes, &words, environ)
        self.number = number
        if code != 0 {
            hasEnded = true
            try? input.close()
            try? errors.close()
            throw SystemError(code: code)
        }
        ChildProcess.running.store(number, ordering: .relaxed)
    }

    deinit { abandon() }

    /// Ends the program at once, whatever it is doing.
    func abandon() {
        if hasEnded { return }
        kill(number, SIGKILL)
        _ = try? end()
    }

    func write(_ bytes: [UInt8]) throws(SystemError) { try input.write(bytes) }

    /// Tells the program that nothing follows, and waits until it has ended.
    ///
    /// - Returns: Nil when it was content: ffmpeg ends with 0 also when the disk has taken only a part of the film, but it
    ///   says so.
    func end() throws(SystemError) -> Complaint? {
        hasEnded = true
        try? input.close()
        defer { try? errors.close() }
        let status = try wait()
        errors.rewind()
        let words = String(decoding: try errors.readToEnd(), as: UTF8.self)
        if status == 0 && words.isEmpty { return nil }
        let signal = status & 0x7f
        return Complaint(
            errors: words,
            signal: signal == 0 ? nil : signal
        )
    }

    /// The program may take its time. One that is stopped is given up when the user wants to end.
    private func wait() throws(SystemError) -> Int32 {
        var isStopped = false
        var patience = Patience()
        var pause: UInt32 = 100
        while true {
            var status: Int32 = 0
            let ended = unsafe waitpid(number, &status, WNOHANG | WUNTRACED | WCONTINUED)
            if ended < 0 && errno != EINTR { throw SystemError() }
            if ended == number {
                let kind = status & 0xff
                guard kind == 0x7f || status == 0xffff else {
                    ChildProcess.running.store(0, ordering: .relaxed)
                    return status
                }
                isStopped = kind == 0x7f
                patience = Patience()
            }
            if patience.isOver && isStopped {
                kill(number, SIGKILL)
                isStopped = false
            }
            usleep(pause)
            pause = min(2 * pause, UInt32(Patience.milliseconds) * 1000)
        }
    }

    /// Touches what ``killFromSignalHandler()`` uses, since its first use initialises it.
    static func prepareForSignals() { running.store(0, ordering: .relaxed) }

    /// A program that is stopped would stay, also after the end of this one.
    static func killFromSignalHandler() {
        let number = running.load(ordering: .relaxed)
        if number != 0 { kill(number, SIGKILL) }
    }
}
