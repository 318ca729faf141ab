/// What a part of a world gets the whole world's states by.
final class Exchange {
    /// The number that the part's first seat has in the whole world.
    let firstSeat: Int
    private let driver: Driver
    private var next: WorldState?

    init(firstSeat: Int, driver: Driver) {
        self.firstSeat = firstSeat
        self.driver = driver
    }

    /// For the driver, before it lets the part go on.
    func give(_ state: WorldState) { next = state }

    /// For the part's world, when everyone has moved.
    func state() throws -> WorldState {
        try driver.take(.moved)
        guard let state = next.take() else { fatalError("A part of a world has been given no state") }
        return state
    }
}
