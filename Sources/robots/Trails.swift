/// The ways of the robots in the last steps, as fading lines.
struct Trails {
    private static let steps = 32
    private static let color = Color(red: 40, green: 90, blue: 190)

    /// The moves of the last steps; the one that will be replaced next is the oldest.
    private var moves: [[Move]] = []
    private var oldest = 0

    mutating func add(_ newest: [Move]) {
        if moves.count < Trails.steps {
            moves.append(newest)
        } else {
            moves[oldest] = newest
            oldest = (oldest + 1) % Trails.steps
        }
    }

    func draw(on canvas: Canvas, view: View) {
        for age in moves.indices {
            let opacity = 16 + 112 * (age + 1) / moves.count
            for move in moves[(oldest + age) % moves.count] where move.start != move.end {
                canvas.line(
                    from: view.middle(of: move.start),
                    to: view.middle(of: move.end),
                    width: view.dot,
                    color: Trails.color,
                    opacity: opacity
                )
            }
        }
    }
}
