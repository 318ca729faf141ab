/// What a tasklet, a channel or whatever else can be named in a report is called, and where it was made.
@usableFromInline
package struct Origin: Sendable, CustomStringConvertible {
    /// The name that it was given.
    @usableFromInline package var name: String?
    /// Of those of one scheduler, in the order in which they were made.
    @usableFromInline package var number = 0
    /// "tasklet", and so on.
    @usableFromInline package var kind: LiteralText
    @usableFromInline package var fileID: LiteralText
    /// Zero for what the library makes itself. Of a main tasklet it is the number of its thread: nobody makes that in a line, and
    /// reports tell it from the main tasklets of other threads.
    @inlinable package var line: UInt32 {
        get { position & Origin.lines }
        set { position = newValue & Origin.lines }
    }

    /// Zero when it is not known.
    private var column: UInt32 { position >> Origin.bitsOfLine }

    /// The line, with the column above it: another word would be one in each record. A line has room for the number of every
    /// thread of Linux.
    @usableFromInline var position: UInt32
    private static let bitsOfLine: UInt32 = 22
    @inlinable static var lines: UInt32 { 0x3f_ffff }

    package init(kind: LiteralText, name: String?, fileID: StaticString, line: UInt, column: UInt = 0) {
        self.kind = kind
        self.name = name
        self.fileID = LiteralText(fileID)
        let column = UInt32(truncatingIfNeeded: min(column, UInt(UInt32.max >> Origin.bitsOfLine)))
        position = UInt32(truncatingIfNeeded: line) & Origin.lines | column << Origin.bitsOfLine
    }

    /// The name given, or one made of the number.
    package var displayName: String { name ?? "\(kind)-\(number)" }

    /// `#fileID:#line`.
    package var place: String { isMain ? "main:0" : "\(fileID):\(line)" }

    /// The same; `nil` for what the library makes itself.
    package var placeIfMade: String? { line == 0 || isMain ? nil : place }

    /// What stands in place of the file of a main tasklet.
    static let mainFile: StaticString = "main"

    package var isMain: Bool { "\(fileID)" == "\(Origin.mainFile)" }

    /// "channel 'name'", or "the channel made at file:line:column", as in "receive on channel 'name'".
    package var mention: String {
        if let name { return "\(kind) '\(name)'" }
        return "the \(kind) made at \(place)" + (column == 0 ? "" : ":\(column)")
    }

    /// "tasklet 'name' (made at file:line)".
    @usableFromInline
    package var description: String {
        Origin.describe("\(kind)", name: displayName, place: placeIfMade)
    }

    /// The one wording of all reports.
    package static func describe(_ kind: String, name: String, place: String?) -> String {
        "\(kind) '\(name)'" + (place.map { " (made at \($0))" } ?? "")
    }
}

/// The text of a literal in one word, instead of the three of a `StaticString`: each record has two.
///
/// Safe because the text is a constant of the program, ends with a zero, and is never changed or freed.
@safe
@usableFromInline
package struct LiteralText: @unchecked Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    @usableFromInline package let start: UnsafePointer<UInt8>

    @inlinable
    package init(_ text: StaticString) {
        // The other form, a character by itself, has no address. No literal of a program has it.
        unsafe start = text.hasPointerRepresentation ? text.utf8Start : ("?" as StaticString).utf8Start
    }

    @inlinable
    package init(stringLiteral text: StaticString) {
        self.init(text)
    }

    @usableFromInline
    package var description: String { unsafe String(cString: start) }
}
