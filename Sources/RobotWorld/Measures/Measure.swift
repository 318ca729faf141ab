/// A number that can be taken of a world after each step, under a name: what the tables of experiments are made of.
///
/// A measure is of the whole world, or of each robot. One of each robot becomes a number of the world by an ``Aggregate``:
///
///     let crowd = Measure(ofWorld: "crowd", unit: "robots", about: "robots near the upper left corner") { observer in
///         Double(observer.robots.count { $0.location.x < 100 && $0.location.y < 100 })
///     }
///     let speed = Measure(ofEachRobot: "speed", unit: "distance per step", about: "how fast it flies") { robot in
///         abs(robot.vector.velocity)
///     }
///     var measures = Measures.standard
///     measures.add(crowd)
///     measures.add(speed)
///     let fastest = try measures.quantity(named: "max(speed)")
public struct Measure: Sendable {
    /// What it is of.
    enum Subject: Sendable {
        case world(@Sendable (Observer) -> Double)
        case robot(@Sendable (Observer.Robot) -> Double)
    }

    /// What it is called.
    public let name: String
    /// What it is counted in, such as `messages`.
    public let unit: String
    /// What it says, in some words.
    public let about: String
    let subject: Subject

    /// Creates a measure of the whole world.
    ///
    /// - Parameters:
    ///   - name: What it is called: letters, digits and underscores, since it names the columns of tables.
    ///   - unit: What it is counted in.
    ///   - about: What it says, in some words.
    ///   - value: Takes it.
    public init(
        ofWorld name: String,
        unit: String,
        about: String,
        value: @escaping @Sendable (Observer) -> Double
    ) {
        self.init(name: name, unit: unit, about: about, subject: .world(value))
    }

    /// Creates a measure of each robot.
    ///
    /// - Parameters:
    ///   - name: What it is called: letters, digits and underscores, since it names the columns of tables.
    ///   - unit: What it is counted in.
    ///   - about: What it says, in some words.
    ///   - value: Takes it.
    public init(
        ofEachRobot name: String,
        unit: String,
        about: String,
        value: @escaping @Sendable (Observer.Robot) -> Double
    ) {
        self.init(name: name, unit: unit, about: about, subject: .robot(value))
    }

    private init(name: String, unit: String, about: String, subject: Subject) {
        let isName = !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard isName else {
            fatalError("\"\(name)\" cannot be the name of a measure; use letters, digits and underscores")
        }
        self.name = name
        self.unit = unit
        self.about = about
        self.subject = subject
    }

    /// True for a measure of each robot.
    public var isOfEachRobot: Bool {
        if case .robot = subject { true } else { false }
    }
}
