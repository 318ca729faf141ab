import ArgumentParser
import Glibc
import Tasklets

/// Why the program gives up: one line for the user, and the exit code that sysexits.h has for it.
struct Failure: Error {
    let message: String
    let exitCode: ExitCode

    init(message: String, exitCode: ExitCode) {
        self.message = message
        self.exitCode = exitCode
    }

    /// What an error means for the user, whatever kind it is.
    init(_ error: any Error) {
        self =
            switch error {
            case let failure as Failure: failure
            case TaskletError.outOfMemory: .outOfMemory
            case let error as SystemError where error.code == ENOMEM: .outOfMemory
            case let error as SystemError:
                Failure(
                    message: "the system refuses: \(error); \(error.remedyForOutput)",
                    exitCode: ExitCode(EX_OSERR)
                )
            case let error as SDLError: .unavailable("the display refuses: \(error); run with --headless")
            default:
                Failure(
                    message: "a mistake of this program: \(error); please report it",
                    exitCode: ExitCode(EX_SOFTWARE)
                )
            }
    }

    private static let outOfMemory = Failure(
        message: """
            no memory is left for the stack of another robot's tasklet; give fewer robots, raise the limit with \
            ulimit -v, or end other programs
            """,
        exitCode: ExitCode(EX_OSERR)
    )

    /// Several may go wrong in one run: each has its line, and the first one has its exit code.
    static func throwAll(_ failures: [Failure]) throws(Failure) {
        guard let first = failures.first, let last = failures.last else { return }
        for failure in failures.dropLast() { Notice.say(failure.message) }
        throw Failure(message: last.message, exitCode: first.exitCode)
    }

    static func badData(_ message: String) -> Failure { Failure(message: message, exitCode: ExitCode(EX_DATAERR)) }
    static func noInput(_ message: String) -> Failure { Failure(message: message, exitCode: ExitCode(EX_NOINPUT)) }
    static func unavailable(_ message: String) -> Failure {
        Failure(message: message, exitCode: ExitCode(EX_UNAVAILABLE))
    }
    static func noOutput(_ message: String) -> Failure { Failure(message: message, exitCode: ExitCode(EX_CANTCREAT)) }
}
