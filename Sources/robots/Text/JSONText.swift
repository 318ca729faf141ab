/// A JSON text, and where it is from.
struct JSONText: Sendable {
    let path: String
    let bytes: [UInt8]
    /// Which line of the file it begins in.
    var firstLine = 1

    /// Where something is, as an editor counts.
    struct Place: CustomStringConvertible {
        let line: Int
        let column: Int

        var description: String { "line \(line), column \(column)" }
    }

    /// Reads the text.
    ///
    /// - Throws: `Failure` that names file, key and place.
    func value() throws -> JSON {
        var parser = JSONParser(self)
        do {
            return try parser.document()
        } catch {
            throw failure(error.description)
        }
    }

    /// What the user is told of the text.
    func failure(_ reason: String) -> Failure { .badData("\(path): \(reason)") }

    /// Columns are characters, whatever number of bytes each of them takes.
    func place(of position: Int) -> Place {
        let before = bytes[..<min(position, bytes.count)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return Place(
            line: firstLine + before.count { $0 == UInt8(ascii: "\n") },
            column: 1 + String(decoding: before[lineStart...], as: UTF8.self).count
        )
    }
}
