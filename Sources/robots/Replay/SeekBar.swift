/// The bar above the overlay that shows which part of a recorded run has been seen, and leads to the other parts.
struct SeekBar: Equatable {
    /// The part that is still to come.
    private static let rest = Color(red: 150, green: 150, blue: 150)

    /// Its height in dots.
    private static let height = 12

    private let width: Int
    private let top: Int
    private let dot: Int

    /// - Parameters:
    ///   - width: Pixels of the picture.
    ///   - bottom: The row below it.
    ///   - dot: Pixels of a fine line.
    init(width: Int, bottom: Int, dot: Int) {
        self.width = width
        self.dot = dot
        top = bottom - SeekBar.height * dot
    }

    private var left: Int { 6 * dot }
    private var length: Int { max(1, width - 12 * dot) }

    func contains(_ point: Point) -> Bool {
        point.y >= Double(top) && point.y < Double(top + SeekBar.height * dot)
    }

    /// Which of some states a point leads to; beside the bar the first or the last one.
    func index(at point: Point, of count: Int) -> Int {
        let part = (point.x - Double(left)) / Double(length)
        return Int((min(max(part, 0), 1) * Double(count - 1)).rounded())
    }

    func draw(_ index: Int, of count: Int, on canvas: Canvas) {
        canvas.cover(
            x: 0,
            y: top,
            width: width,
            height: SeekBar.height * dot,
            with: .paper,
            opacity: 224
        )
        let seen = count > 1 ? Int((Double(length) * Double(index) / Double(count - 1)).rounded()) : length
        let middle = top + SeekBar.height * dot / 2
        canvas.cover(x: left, y: middle - dot, width: length, height: 2 * dot, with: SeekBar.rest)
        canvas.cover(x: left, y: middle - dot, width: seen, height: 2 * dot, with: .ink)
        canvas.cover(x: left + seen - 2 * dot, y: middle - 4 * dot, width: 4 * dot, height: 8 * dot, with: .ink)
    }
}
