#if HTTP
import NIOCore
import NIOHTTP1

extension MessageParser {
    /// How many bytes of the next message are behind the last one, which ends in these bytes: the decoder takes them, gives
    /// nothing for them yet, and does not tell where the message has ended.
    ///
    /// - Returns: 0 also for empty lines, which belong to no message.
    func bytesBehindEnd(of found: [Part], in bytes: ByteBuffer) -> Int {
        var rest = bytes.readableBytesView
        if found.count > 1, case .body(let piece) = found[found.count - 2] {
            rest = rest.dropFirst(end(of: piece, in: bytes))
            // Behind a chunk comes the one without data. Behind a body with a length that would be no message: a digit begins none.
            if rest.starts(with: [13, 10, 48]) { rest = rest.dropFirst(2).behindEmptyLine }
        } else {
            rest = rest.behindLastEmptyLine
        }
        return rest.contains { $0 != 13 && $0 != 10 } ? rest.count : 0
    }

    /// Pieces are slices of what was fed.
    private func end(of piece: ByteBuffer, in bytes: ByteBuffer) -> Int {
        // Only their addresses are compared, nothing is read.
        let begin = unsafe bytes.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        let end = unsafe piece.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) + UInt($0.count) }
        return Int(end - begin)
    }
}

extension ByteBufferView {
    private static let emptyLine: [UInt8] = [13, 10, 13, 10]

    /// What is behind the first end of a line that an empty line follows.
    fileprivate var behindEmptyLine: ByteBufferView {
        let start = indices.first { self[$0...].starts(with: Self.emptyLine) }
        return start.map { self[($0 + 4)...] } ?? dropFirst(count)
    }

    /// What is behind the last one; the line before it may have ended in what was fed earlier.
    fileprivate var behindLastEmptyLine: ByteBufferView {
        if let start = indices.last(where: { self[$0] == 13 && self[$0...].starts(with: Self.emptyLine) }) {
            return self[(start + 4)...]
        }
        let ends: [[UInt8]] = [[10, 13, 10], [13, 10], [10]]
        return dropFirst(ends.first { starts(with: $0) }?.count ?? count)
    }
}
#endif
