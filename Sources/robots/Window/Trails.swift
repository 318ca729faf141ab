/// The ways of the robots in the last steps, as fading lines.
///
/// Each segment is drawn once, on a canvas of its own whose colours are the numbers of the steps. How long ago that was
/// says then what a pixel looks like. So a frame costs the segments that are new in it and a look at each pixel, however
/// long the trails are; all is drawn again only for another view.
struct Trails {
    private static let steps = 32
    private static let color = Color(red: 40, green: 90, blue: 190)
    /// What a pixel looks like whose segment is of the newest step, of the one before, and so on; in the end the ground.
    private static let colors = (0..<steps).map { fading($0).word } + [Color.ground.word]
    /// Canvases have no room for greater numbers.
    private static let lastNumber = 0xff_ffff

    /// The moves of the last steps; those of step `n` at `n % steps`.
    private var moves: [[Move]] = Array(repeating: [], count: steps)
    /// Steps are numbered from here on, so that 0, which is where no segment is, has always been long ago.
    private var newest = steps
    /// The newest step whose moves are on the canvas.
    private var drawn = 0
    private var canvas: Canvas?
    /// How the canvas shows the world.
    private var view: View?

    mutating func add(_ newMoves: [Move]) {
        newest += 1
        if newest > Trails.lastNumber {
            newest = Trails.steps + newest % Trails.steps
            canvas = nil
        }
        moves[newest % Trails.steps] = newMoves
    }

    /// Fills a canvas with the ground and the trails on it.
    mutating func fill(_ target: Canvas, view: View) throws(SDLError) {
        let canvas: Canvas
        if let former = self.canvas, self.view == view {
            canvas = former
        } else {
            canvas = try Canvas(width: target.width, height: target.height)
            canvas.fill(Color(number: 0))
            self.canvas = canvas
            self.view = view
            drawn = 0
        }
        while drawn < newest {
            drawn = max(drawn + 1, newest - Trails.steps + 1)
            for move in moves[drawn % Trails.steps] where move.start != move.end {
                canvas.line(
                    from: view.middle(of: move.start),
                    to: view.middle(of: move.end),
                    width: view.dot,
                    color: Color(number: drawn)
                )
            }
        }
        target.fill(with: Trails.colors, byAgeOf: canvas, now: Color(number: newest))
    }

    private static func fading(_ age: Int) -> Color {
        let opacity = 192 * (steps - age) / steps
        func mix(_ above: UInt8, _ below: UInt8) -> UInt8 {
            UInt8((Int(above) * opacity + Int(below) * (256 - opacity)) / 256)
        }
        return Color(
            red: mix(color.red, Color.ground.red),
            green: mix(color.green, Color.ground.green),
            blue: mix(color.blue, Color.ground.blue)
        )
    }
}

extension Color {
    /// A number of 24 bits as a colour.
    fileprivate init(number: Int) {
        self.init(
            red: UInt8(truncatingIfNeeded: number >> 16),
            green: UInt8(truncatingIfNeeded: number >> 8),
            blue: UInt8(truncatingIfNeeded: number)
        )
    }
}
