import Testing

@testable import Tasklets

/// The list that the kernel links its things by, beside an array.
struct RingTests {
    private final class Member: RingMember {
        let number: Int
        unowned var next: Member?
        unowned var previous: Member?

        init(_ number: Int) { self.number = number }

        static func == (left: Member, right: Member) -> Bool { left === right }
    }

    @Test func aRingIsWhatAnArrayWouldBe() {
        var random = Random(state: 7)
        let members = (0..<8).map { Member($0) }
        // The links keep nobody alive.
        defer { withExtendedLifetime(members) {} }
        var ring = Ring<Member>()
        var array: [Member] = []
        for _ in 0..<5000 {
            let member = members[random.next(below: members.count)]
            if let index = array.firstIndex(of: member) {
                ring.remove(member)
                array.remove(at: index)
                #expect(member.next == nil && member.previous == nil)
            } else if random.next(below: 2) == 0 {
                ring.append(member)
                array.append(member)
            } else {
                ring.prepend(member)
                array.insert(member, at: 0)
            }
            #expect(ring.map(\.number) == array.map(\.number))
            #expect(ring.first == array.first && ring.last == array.last)
            for (member, next) in zip(array, array.dropFirst() + array.prefix(1)) {
                #expect(member.next == next && next.previous == member)
            }
        }
    }

    /// `end` takes tasklets out while it goes through them.
    @Test(arguments: [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]])
    func theMemberThatAnIterationHasGivenMayBeTakenOut(_ taken: [Int]) {
        let members = (0..<3).map { Member($0) }
        defer { withExtendedLifetime(members) {} }
        var ring = Ring<Member>()
        for member in members { ring.append(member) }
        var seen: [Int] = []
        for member in ring {
            seen.append(member.number)
            if taken.contains(member.number) { ring.remove(member) }
        }
        #expect(seen == [0, 1, 2])
        #expect(ring.map(\.number) == [0, 1, 2].filter { !taken.contains($0) })
    }

    private struct Random {
        var state: UInt64

        mutating func next(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
    }
}
