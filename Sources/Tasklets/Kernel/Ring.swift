/// Something that is linked in a ring with others of its kind. The links lie in the members themselves, so linking needs no
/// memory, and taking out a member takes the same time however long the ring is.
@usableFromInline
package protocol RingMember: Equatable {
    var next: Self? { get nonmutating set }
    var previous: Self? { get nonmutating set }
}

/// The neighbours of a member, for a type that keeps them in its fields.
@usableFromInline
package struct RingLinks<Member: RingMember> {
    @usableFromInline package var next: Member?
    @usableFromInline package var previous: Member?

    @inlinable
    package init() {}
}

extension RingMember {
    /// `[self]`
    @inlinable @inline(__always)
    package func linkAlone() {
        next = self
        previous = self
    }

    /// `[…, a, member]` → `[…, a, self, member]`
    @inlinable @inline(__always)
    package func link(before member: Self) {
        let predecessor = unsafe member.previous.unsafelyUnwrapped
        previous = predecessor
        next = member
        predecessor.next = self
        member.previous = self
    }

    /// Out of the ring. Who is alone in it belongs to none then.
    @inlinable @inline(__always)
    package func unlink() {
        let successor = unsafe next.unsafelyUnwrapped
        let predecessor = unsafe previous.unsafelyUnwrapped
        predecessor.next = successor
        successor.previous = predecessor
        next = nil
        previous = nil
    }
}

/// A ring that is known by its first member. In the order in which the members were appended.
package struct Ring<Member: RingMember> {
    package private(set) var first: Member?

    package init() {}

    package var last: Member? { first?.previous }

    package mutating func append(_ member: Member) {
        guard let first else {
            member.linkAlone()
            self.first = member
            return
        }
        member.link(before: first)
    }

    package mutating func prepend(_ member: Member) {
        append(member)
        first = member
    }

    package mutating func remove(_ member: Member) {
        if first == member { first = member.next == member ? nil : member.next }
        member.unlink()
    }
}

extension Ring: Sequence {
    /// The member that it has given last may be taken out meanwhile.
    package struct Iterator: IteratorProtocol {
        fileprivate var upcoming: Member?
        fileprivate let first: Member?
        fileprivate let last: Member?

        package mutating func next() -> Member? {
            guard let member = upcoming else { return nil }
            upcoming = member == last || member.next == first ? nil : member.next
            return member
        }
    }

    package func makeIterator() -> Iterator {
        Iterator(upcoming: first, first: first, last: last)
    }
}
