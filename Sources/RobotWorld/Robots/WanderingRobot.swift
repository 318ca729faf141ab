/// Turns a little at every step, now to the one side and now to the other, as its random numbers say.
public final class WanderingRobot: Robot {
    private var random: SplitMix64

    /// Creates a robot whose random numbers depend on how it begins, and on nothing else.
    public required init(_ start: Scenario.Start, in world: World) throws {
        var seed = Digest()
        for byte in start.id.utf8 { seed.add(byte) }
        for number in [start.location.x, start.location.y, start.vector.angle, start.vector.velocity] {
            seed.add(number)
        }
        random = SplitMix64(seed: seed.value)
        try super.init(start, in: world)
    }

    override public func see(_ state: WorldState) {
        // Up to ten degrees to either side, in halves.
        let turn = random.whole(-20...20) / 2
        vector.turn(by: turn < 0 ? 360 + turn : turn)
    }

    override public func collide(with walls: Walls) {
        vector.turn(by: random.whole(90...270))
    }

    override public var memory: [UInt64] {
        get { [random.state] }
        set { if let state = newValue.first { random = SplitMix64(seed: state) } }
    }
}
