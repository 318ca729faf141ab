/// A record that can be kept for the next one to need it.
@usableFromInline
package protocol Reusable: RingMember {
    func free()
}

/// Records of what has ended, kept for the next ones: making a record anew costs more than a switch.
@usableFromInline
package struct SpareRecords<Record: Reusable> {
    @usableFromInline var first: Record?
    @usableFromInline var count = 0
    /// More would hold on to memory after a peak.
    @inlinable static var limit: Int { 4096 }

    @inlinable
    package init() {}

    @inlinable
    package var hasRoom: Bool { count < Self.limit }

    @inlinable
    package mutating func take() -> Record? {
        guard let record = first else { return nil }
        first = record.next
        count -= 1
        record.next = nil
        return record
    }

    /// Keeps the record, or frees it when there are enough.
    @inlinable
    package mutating func give(_ record: Record) {
        guard hasRoom else { return record.free() }
        record.next = first
        first = record
        count += 1
    }
}
