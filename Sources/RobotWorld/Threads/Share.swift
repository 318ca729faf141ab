/// Which of a world's robots a part has.
struct Share: Sendable {
    /// By their places in the scenario, which are those of the whole world's seats behind the display's.
    let robots: Range<Int>
    /// The first part has the display.
    var hasDisplay: Bool
    /// The seat of the part's first actor in the whole world.
    var firstSeat: Int { hasDisplay ? 0 : robots.lowerBound + 1 }

    /// Everyone.
    static func all(of robots: Int) -> Share { Share(robots: 0..<robots, hasDisplay: true) }

    /// What computing the digest takes for each robot, as a part of what a robot's step takes.
    private static let digestWeight = 0.15

    /// As many shares as there are parts; the first part computes the digest beside its robots, so it has fewer of them.
    static func shares(of robots: Int, parts: Int) -> [Share] {
        let weight = max(0, 1 - digestWeight * Double(parts - 1)) / Double(parts)
        var first = parts == 1 ? robots : Int((Double(robots) * weight).rounded())
        var shares = [Share(robots: 0..<first, hasDisplay: true)]
        for left in stride(from: parts - 1, to: 0, by: -1) {
            let end = first + (robots - first) / left
            shares.append(Share(robots: first..<end, hasDisplay: false))
            first = end
        }
        return shares
    }
}
