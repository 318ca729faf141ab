/// What a step of a tasklet has touched: whatever it does between two points.
struct StepFootprint {
    let tasklet: Int
    /// By the identities of things. The tasklet itself is one of them.
    private(set) var touched: [(thing: UInt, isWritten: Bool)]
    /// It gives way, or is the clock's: it may be swapped with no other.
    var dependsOnAll: Bool

    init(of tasklet: Int, dependsOnAll: Bool = false) {
        self.tasklet = tasklet
        self.dependsOnAll = dependsOnAll
        touched = [(UInt(bitPattern: tasklet), true)]
    }

    mutating func touch(_ thing: UInt, writing: Bool) {
        for place in touched.indices where touched[place].thing == thing {
            if writing { touched[place].isWritten = true }
            return
        }
        touched.append((thing, writing))
    }

    mutating func formUnion(_ other: StepFootprint) {
        for (thing, isWritten) in other.touched { touch(thing, writing: isWritten) }
    }

    /// Whether the order of the two makes a difference.
    func isDependent(on other: StepFootprint) -> Bool {
        if tasklet == other.tasklet || dependsOnAll || other.dependsOnAll { return true }
        return touched.contains { mine in
            other.touched.contains { $0.thing == mine.thing && (mine.isWritten || $0.isWritten) }
        }
    }
}
