import RobotWorld

/// Where everyone is at a step: of a run that goes on, or of one that was recorded.
enum Scene: Sequence {
    case state(WorldState)
    case recorded(RecordedState)

    /// How many robots there are.
    var count: Int {
        switch self {
        case .state(let state): state.count
        case .recorded(let state): state.robots.count
        }
    }

    enum Iterator: IteratorProtocol {
        case state(WorldState.Iterator)
        case recorded(IndexingIterator<[WorldState.Element]>)

        mutating func next() -> WorldState.Element? {
            switch self {
            case .state(var iterator):
                defer { self = .state(iterator) }
                return iterator.next()
            case .recorded(var iterator):
                defer { self = .recorded(iterator) }
                return iterator.next()
            }
        }
    }

    /// The robots, in the order in which they joined.
    func makeIterator() -> Iterator {
        switch self {
        case .state(let state): .state(state.makeIterator())
        case .recorded(let state): .recorded(state.robots.makeIterator())
        }
    }
}
