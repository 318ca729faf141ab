// The environment is a global variable of C, which the program never changes.
@unsafe @preconcurrency import Glibc

/// Another program that this one has started, and that reads what it is given.
final class ChildProcess {
    private let number: pid_t
    private let input: Descriptor
    private let errors: Descriptor
    private var hasEnded = false

    /// Starts a program that is looked for where the shell looks for it.
    ///
    /// - Throws: `SystemError`; its code is `ENOENT` when there is no such program.
    init(_ arguments: [String]) throws(SystemError) {
        errors = try Descriptor.makeTemporaryFile()
        let pipe = try Descriptor.makePipe()
        input = pipe.writing
        defer { try? pipe.reading.close() }

        var files = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&files)
        defer { unsafe posix_spawn_file_actions_destroy(&files) }
        unsafe posix_spawn_file_actions_adddup2(&files, pipe.reading.number, STDIN_FILENO)
        unsafe posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&files, errors.number, STDERR_FILENO)

        // A group of its own: ctrl-C on the terminal is for this program, which then lets the other one finish.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        var defaults = sigset_t()
        unsafe sigemptyset(&defaults)
        unsafe sigaddset(&defaults, SIGPIPE)
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
    /// - Returns: What it has written to standard error, when it was not content; else nil.
    func end() throws(SystemError) -> String? {
        hasEnded = true
        try? input.close()
        defer { try? errors.close() }
        var status: Int32 = 0
        while unsafe waitpid(number, &status, 0) < 0 {
            if errno != EINTR { throw SystemError() }
        }
        if status == 0 { return nil }
        errors.rewind()
        return String(decoding: try errors.readToEnd(), as: UTF8.self)
    }
}
