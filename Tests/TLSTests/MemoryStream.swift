#if TLS
import Hub
import Sync
import Tasklets

/// A stream of one's own, as a program might write it: two ends that pass bytes in memory.
final class MemoryStream: ByteStream {
    /// One direction.
    final class Direction {
        var bytes: [UInt8] = []
        var isFinished = false
        let changed = Event()
    }

    let readAhead = ReadAhead()
    let incoming: Direction
    let outgoing: Direction
    /// How many bytes a read gives at most.
    private let pieces: Int
    private var isClosed = false
    /// Changes bytes on their way, by their places.
    var flip: ((_ place: Int, _ byte: UInt8) -> UInt8)?
    /// Lets one write go on each time that it is set; `nil`: all.
    var room: Event?
    /// How many writes are left until they fail.
    var writesLeft = Int.max
    /// All that was written at this end.
    private(set) var written: [UInt8] = []

    private init(_ incoming: Direction, _ outgoing: Direction, pieces: Int) {
        self.incoming = incoming
        self.outgoing = outgoing
        self.pieces = pieces
    }

    static func pair(inPiecesOf pieces: Int = .max) -> (MemoryStream, MemoryStream) {
        let (there, back) = (Direction(), Direction())
        return (MemoryStream(back, there, pieces: pieces), MemoryStream(there, back, pieces: pieces))
    }

    func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while incoming.bytes.isEmpty {
            if isClosed { throw Closed() }
            if incoming.isFinished { return 0 }
            incoming.changed.clear()
            try incoming.changed.wait()
        }
        let count = min(pieces, buffer.count, incoming.bytes.count)
        buffer.copyBytes(from: incoming.bytes[..<count])
        incoming.bytes.removeFirst(count)
        return count
    }

    func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws {
        if let room {
            try room.wait()
            room.clear()
        }
        writesLeft -= 1
        if isClosed || writesLeft < 0 { throw Closed() }
        for piece in pieces {
            outgoing.bytes += piece.enumerated().map { flip?(written.count + $0.offset, $0.element) ?? $0.element }
            written += piece
        }
        outgoing.changed.set()
    }

    func finishWriting() {
        outgoing.isFinished = true
        outgoing.changed.set()
    }

    func close() {
        isClosed = true
        finishWriting()
        incoming.changed.set()
    }

    struct Closed: Error {}
}
#endif
