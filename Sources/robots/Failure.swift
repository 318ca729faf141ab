import ArgumentParser
import Glibc

/// Why the program gives up: one line for the user, and the exit code that sysexits.h has for it.
struct Failure: Error {
    let message: String
    let exitCode: ExitCode

    static func badData(_ message: String) -> Failure { Failure(message: message, exitCode: ExitCode(EX_DATAERR)) }
    static func noInput(_ message: String) -> Failure { Failure(message: message, exitCode: ExitCode(EX_NOINPUT)) }
    static func unavailable(_ message: String) -> Failure {
        Failure(message: message, exitCode: ExitCode(EX_UNAVAILABLE))
    }
    static func noOutput(_ message: String) -> Failure { Failure(message: message, exitCode: ExitCode(EX_CANTCREAT)) }
}
