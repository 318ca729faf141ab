/// Where a chart is on the picture, and how it is drawn there.
struct ChartPanel {
    private static let paper = Color(red: 235, green: 235, blue: 235)
    private static let grid = Color(red: 205, green: 205, blue: 205)

    /// In dots: of a chart where there is room for it, and of the parts that hold letters.
    private static let size = (width: 280, height: 84)
    private static let smallSize = (width: 140, height: 48)
    private static let gap = 6
    private static let line = 12
    private static let gutter = 42

    private let left: Int
    private let top: Int
    private let width: Int
    private let height: Int
    private let dot: Int
    private let font: BitmapFont

    /// - Parameters:
    ///   - index: Which of `count` charts it is; they are below one another in the upper left corner.
    ///   - height: Rows of the picture that charts may use.
    /// - Returns: Nil where there is no room for it.
    init?(_ index: Int, of count: Int, width: Int, height: Int, dot: Int, font: BitmapFont) {
        let gap = ChartPanel.gap * dot
        let (small, size) = (ChartPanel.smallSize, ChartPanel.size)
        // In a small window at most half of the picture, if that is enough for anything.
        self.width = min(size.width * dot, max(width / 2 - gap, small.width * dot))
        self.height = min(size.height * dot, max(height / 4 - gap, small.height * dot))
        guard self.width + 2 * gap <= width, count * (self.height + gap) + gap <= height else { return nil }
        left = gap
        top = gap + index * (self.height + gap)
        self.dot = dot
        self.font = font
    }

    /// Draws a line through the means of some steps each, and the range of their numbers around it.
    ///
    /// - Parameter steps: The first step that is drawn and the last one.
    func draw(_ series: ChartSeries, named name: String, steps: ClosedRange<Int>, color: Color, on canvas: Canvas) {
        canvas.cover(x: left, y: top, width: width, height: height, with: ChartPanel.paper, opacity: 232)
        let scale = ChartScale(series.points)
        let (plotLeft, plotTop) = (left + ChartPanel.gutter * dot, top + ChartPanel.line * dot)
        let plotWidth = width - (ChartPanel.gutter + ChartPanel.gap) * dot
        let plotHeight = height - 2 * ChartPanel.line * dot
        func row(_ number: Double) -> Double {
            Double(plotTop) + (1 - scale.part(number)) * Double(plotHeight - dot)
        }
        for number in [scale.least, (scale.least + scale.greatest) / 2, scale.greatest] {
            canvas.cover(x: plotLeft, y: Int(row(number)), width: plotWidth, height: dot, with: ChartPanel.grid)
        }
        // As wide as all steps; the last point may have fewer of them than the others.
        let pointWidth = Double(plotWidth * series.stepsPerPoint) / Double(steps.count)
        var former: Point?
        for (index, point) in series.points.enumerated() {
            guard let mean = point.mean else {
                former = nil
                continue
            }
            let start = Double(plotLeft) + Double(index) * pointWidth
            let end = min(start + pointWidth, Double(plotLeft + plotWidth))
            let (highest, lowest) = (Int(row(point.greatest)), Int(row(point.least)))
            if highest < lowest {
                canvas.cover(
                    x: Int(start),
                    y: highest,
                    width: max(Int(end) - Int(start), 1),
                    height: lowest - highest + dot,
                    with: color,
                    opacity: 64
                )
            }
            let next = Point(x: (start + end) / 2, y: row(mean))
            canvas.line(from: former ?? next, to: next, width: dot, color: color)
            former = next
        }
        writeLetters(name, series, scale, steps, on: canvas)
    }

    /// The name and the latest number above, the scale beside, the steps below.
    private func writeLetters(
        _ name: String,
        _ series: ChartSeries,
        _ scale: ChartScale,
        _ steps: ClosedRange<Int>,
        on canvas: Canvas
    ) {
        let letter = BitmapFont.cell.width * dot
        let right = left + width - ChartPanel.gap * dot
        func write(_ text: String, endingAt x: Int, y: Int) { write(text, x: x - text.count * letter, y: y) }
        func write(_ text: String, x: Int, y: Int) {
            font.write(text, on: canvas, x: x, y: y, scale: dot, color: .ink)
        }
        let latest = series.last.map(ChartScale.text) ?? "none"
        let room = (right - left - ChartPanel.gap * dot) / letter - latest.count - 1
        write(String(name.prefix(max(0, room))), x: left + ChartPanel.gap * dot, y: top + 2 * dot)
        write(latest, endingAt: right, y: top + 2 * dot)

        let plotLeft = left + ChartPanel.gutter * dot
        let (plotTop, plotBottom) = (top + ChartPanel.line * dot, top + height - ChartPanel.line * dot)
        write(ChartScale.text(scale.greatest), endingAt: plotLeft - 3 * dot, y: plotTop)
        write(ChartScale.text(scale.least), endingAt: plotLeft - 3 * dot, y: plotBottom - BitmapFont.cell.height * dot)
        let below = plotBottom + 2 * dot
        write("\(steps.lowerBound)", x: plotLeft, y: below)
        if steps.count > 1 { write("\(steps.upperBound)", endingAt: right, y: below) }
    }
}
