import Exploration

/// What a program finds wrong with itself.
struct Wrong: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }
}

/// A program with a bug that the default order hides, and the same program without it.
struct Planted: @unchecked Sendable, CustomStringConvertible {
    let name: String
    let kind: String
    let bug: () throws -> Void
    let fixed: () throws -> Void

    var description: String { name }

    static let all = [lostUpdate, lostWakeup, lockOrder, doubleClose, checkThenAct]
}
