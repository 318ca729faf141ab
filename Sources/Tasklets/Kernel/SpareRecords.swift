/// Records of ended tasklets, kept for the next ones: making a record anew costs more than a switch.
struct SpareRecords {
    private var first: TaskletRecord?
    private var count = 0
    /// More would hold on to memory after a peak.
    private static let limit = 4096

    var hasRoom: Bool { count < Self.limit }

    mutating func take() -> TaskletRecord? {
        guard let record = first else { return nil }
        first = record.next
        count -= 1
        record.next = nil
        return record
    }

    /// Keeps the record, or frees it when there are enough.
    mutating func give(_ record: TaskletRecord) {
        guard hasRoom else { return record.free() }
        record.next = first
        first = record
        count += 1
    }
}
