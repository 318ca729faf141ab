import Glibc

/// What the operating system said when it refused.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    init(code: Int32 = errno) {
        self.code = code
    }

    /// A wait was given up, since the run was to end. The program never stops at such an error otherwise.
    static let gaveUp = SystemError(code: EINTR)

    var description: String {
        code == EINTR ? "the run was to end, and its reader took no more" : unsafe String(cString: strerror(code))
    }

    /// What helps when a file cannot be written.
    var remedyForOutput: String {
        switch code {
        case EINTR: "keep its reader running"
        case EPIPE: "its reader has ended before the run; keep it running, or end the run earlier with --steps"
        case ENOSPC: "make room on that disk, or name a file on another one"
        case EDQUOT: "delete files of yours on that disk, or name a file on another one"
        case EFBIG: "name a file on a disk that takes larger ones, or raise the limit with ulimit -f"
        case EROFS: "name a file on a disk that can be written to"
        case EMFILE, ENFILE: "raise the limit with ulimit -n, or end programs that have many files open"
        case ENAMETOOLONG: "give a shorter name; most disks allow 255 bytes"
        case EISDIR: "name a file, not a folder"
        case ENOENT, ENOTDIR: "name a file in a folder that exists"
        case ELOOP: "name the file itself"
        case EBADF: "name a descriptor that is open for writing"
        case ENOMEM: "end other programs, or write fewer files"
        case EACCES, EPERM: "name a file that you may write to, in a folder that you may write to"
        default: "name another file"
        }
    }

    /// What helps when another program cannot be started.
    var remedyForProgram: String {
        switch code {
        case EACCES, EPERM: "make it a program that you may run"
        case EAGAIN: "end other programs, or raise the limit with ulimit -u"
        case ENOEXEC: "install it anew"
        default: remedyForOutput
        }
    }
}
