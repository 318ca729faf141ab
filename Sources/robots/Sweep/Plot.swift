/// A plot of some series, with axes and a legend, as SVG.
struct Plot {
    let title: String
    var xLabel: String
    var yLabel: String
    /// What the picture says beside the title; may be empty.
    var note = ""
    var legendTitle = ""
    var series: [PlotSeries] = []
    /// Whether the points of a series are joined.
    var isLined = false
    /// Whether each point has a mark, and its interval a bar; otherwise intervals are a band.
    var marksPoints = false
    /// Whether the x axis counts things.
    var hasWholeTicks = false
    /// Where the x axis begins; nil for where the points do.
    var xStart: Double?

    private static let width = 720.0
    private static let height = 420.0
    private static let margin = (left: 84.0, top: 66.0, right: 24.0, bottom: 62.0)
    private static let lineOfLegend = 19.0
    /// Dark enough for thin lines on white, and told apart by most who do not see all colours.
    private static let colors = [
        "#1769aa", "#d1495b", "#2e8b57", "#b7791f", "#7b4fb5", "#0f8b8d", "#c2478f", "#5b6770", "#8a5a2b", "#4f5fd1",
    ]
    private static let dashes = ["", "7 3", "2 3", "9 3 2 3"]

    init(title: String, xLabel: String, yLabel: String) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
    }

    private var hasLegend: Bool { series.count > 1 }

    /// Letters are about so wide; what is wider is still inside the margin.
    private var legendWidth: Double {
        guard hasLegend else { return 0 }
        let longest = (series.map(\.name) + [legendTitle]).map(\.count).max() ?? 0
        return 58 + Double(longest) * 7
    }

    /// The area of the points.
    private var area: (left: Double, top: Double, right: Double, bottom: Double) {
        (Plot.margin.left, Plot.margin.top, Plot.margin.left + Plot.width, Plot.margin.top + Plot.height)
    }

    /// Writes the picture.
    func write(to file: OutputFile) throws {
        let width = area.right + Plot.margin.right + legendWidth
        let legendHeight = hasLegend ? Double(series.count + 1) * Plot.lineOfLegend + area.top : 0
        let height = max(area.bottom + Plot.margin.bottom, legendHeight + 20)
        try file.writeLine("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
        try file.writeLine(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Plot.text(width))\" height=\"\(Plot.text(height))\" "
                + "viewBox=\"0 0 \(Plot.text(width)) \(Plot.text(height))\" "
                + "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#333\">"
        )
        try file.writeLine("<title>\(title.xmlEscaped)</title>")
        try file.writeLine("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>")
        try write(title, x: area.left, y: 30, attributes: "font-size=\"17\" font-weight=\"bold\"", to: file)
        try write(note, x: area.left, y: 51, attributes: "fill=\"#777\"", to: file)
        let (xAxis, yAxis) = axes
        try writeAxes(xAxis, yAxis, to: file)
        if series.allSatisfy(\.points.isEmpty) {
            let (x, y) = ((area.left + area.right) / 2, (area.top + area.bottom) / 2)
            try write("nothing was measured", x: x, y: y, attributes: "text-anchor=\"middle\"", to: file)
        }
        // All bands lie under all lines.
        for (index, series) in series.enumerated() where !marksPoints {
            try writeBand(series, index, xAxis, yAxis, to: file)
        }
        for (index, series) in series.enumerated() {
            try writeLine(series, index, xAxis, yAxis, to: file)
            if marksPoints { try writePoints(series, index, xAxis, yAxis, to: file) }
        }
        if hasLegend { try writeLegend(to: file) }
        try file.writeLine("</svg>")
    }

    private var axes: (x: PlotAxis, y: PlotAxis) {
        let xs = series.flatMap { $0.points.map(\.x) } + (xStart.map { [$0] } ?? [])
        let ys = series.flatMap(\.bounds)
        var (xLower, xUpper) = (xs.min() ?? 0, xs.max() ?? 1)
        if marksPoints {
            let room = hasWholeTicks ? 0.5 : (xUpper - xLower) * 0.04
            (xLower, xUpper) = (xLower - room, xUpper + room)
        }
        var (yLower, yUpper) = (ys.min() ?? 0, ys.max() ?? 1)
        let room = (yUpper - yLower) * 0.05
        // An axis that begins near zero begins there.
        yLower = yLower >= 0 && yLower < yUpper * 0.4 ? 0 : yLower - room
        yUpper = yUpper <= 0 && yUpper > yLower * 0.4 ? 0 : yUpper + room
        return (
            PlotAxis(xLower...xUpper, pixels: (area.left, area.right), steps: 9, isWhole: hasWholeTicks),
            PlotAxis(yLower...yUpper, pixels: (area.bottom, area.top), steps: 7)
        )
    }

    private func writeAxes(_ xAxis: PlotAxis, _ yAxis: PlotAxis, to file: OutputFile) throws {
        try file.writeLine("<g stroke=\"#e4e4e4\">")
        for tick in xAxis.ticks {
            let x = Plot.text(xAxis.pixel(tick))
            try file.writeLine("<path d=\"M\(x) \(Plot.text(area.top))V\(Plot.text(area.bottom))\"/>")
        }
        for tick in yAxis.ticks {
            let y = Plot.text(yAxis.pixel(tick))
            try file.writeLine("<path d=\"M\(Plot.text(area.left)) \(y)H\(Plot.text(area.right))\"/>")
        }
        try file.writeLine("</g>")
        let corner = "\(Plot.text(area.left)) \(Plot.text(area.top))"
        try file.writeLine(
            "<path d=\"M\(corner)V\(Plot.text(area.bottom))H\(Plot.text(area.right))\" fill=\"none\" stroke=\"#888\"/>"
        )
        for tick in xAxis.ticks {
            let x = xAxis.pixel(tick)
            try write(xAxis.label(tick), x: x, y: area.bottom + 20, attributes: "text-anchor=\"middle\"", to: file)
        }
        for tick in yAxis.ticks {
            let y = yAxis.pixel(tick) + 4.5
            try write(yAxis.label(tick), x: area.left - 9, y: y, attributes: "text-anchor=\"end\"", to: file)
        }
        let (x, y) = ((area.left + area.right) / 2, (area.top + area.bottom) / 2)
        try write(xLabel, x: x, y: area.bottom + 46, attributes: "text-anchor=\"middle\"", to: file)
        let turned = "text-anchor=\"middle\" transform=\"rotate(-90 20 \(Plot.text(y)))\""
        try write(yLabel, x: 20, y: y, attributes: turned, to: file)
    }

    private func writeBand(
        _ series: PlotSeries,
        _ index: Int,
        _ xAxis: PlotAxis,
        _ yAxis: PlotAxis,
        to file: OutputFile
    ) throws {
        // Where there is a single run, the band has no width.
        let points = series.points.map { (x: xAxis.pixel($0.x), interval: $0.interval ?? $0.mean...$0.mean) }
        guard series.points.contains(where: { $0.interval != nil }) else { return }
        let upper = points.map { "\(Plot.text($0.x)) \(Plot.text(yAxis.pixel($0.interval.upperBound)))" }
        let lower = points.reversed().map { "\(Plot.text($0.x)) \(Plot.text(yAxis.pixel($0.interval.lowerBound)))" }
        // Many bands over each other would be black.
        let opacity = max(0.03, min(0.17, 1 / Double(self.series.count)))
        let path = "M\((upper + lower).joined(separator: "L"))Z"
        try file.writeLine("<path d=\"\(path)\" fill=\"\(Plot.color(index))\" fill-opacity=\"\(opacity)\"/>")
    }

    private func writeLine(
        _ series: PlotSeries,
        _ index: Int,
        _ xAxis: PlotAxis,
        _ yAxis: PlotAxis,
        to file: OutputFile
    ) throws {
        guard isLined, series.points.count > 1 else { return }
        let points = series.points.map { point in
            "\(Plot.text(xAxis.pixel(point.x) + shift(index))) \(Plot.text(yAxis.pixel(point.mean)))"
        }
        let path = "<path d=\"M\(points.joined(separator: "L"))\" fill=\"none\" \(Plot.stroke(index))"
        try file.writeLine(
            series.name.isEmpty ? "\(path)/>" : "\(path)><title>\(series.name.xmlEscaped)</title></path>"
        )
    }

    /// Bars of several series at one number stand beside each other.
    private func shift(_ index: Int) -> Double {
        guard marksPoints, isLined else { return 0 }
        return (Double(index) - Double(series.count - 1) / 2) * min(7, 36 / Double(series.count))
    }

    private func writePoints(
        _ series: PlotSeries,
        _ index: Int,
        _ xAxis: PlotAxis,
        _ yAxis: PlotAxis,
        to file: OutputFile
    ) throws {
        let color = Plot.color(index)
        for point in series.points {
            let (x, y) = (Plot.text(xAxis.pixel(point.x) + shift(index)), Plot.text(yAxis.pixel(point.mean)))
            if let interval = point.interval {
                let (upper, lower) = (yAxis.pixel(interval.upperBound), yAxis.pixel(interval.lowerBound))
                let cap = "m-5 0h10"
                let path = "M\(x) \(Plot.text(lower))\(cap)M\(x) \(Plot.text(lower))V\(Plot.text(upper))\(cap)"
                try file.writeLine("<path d=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.4\"/>")
            }
            try file.writeLine("<circle cx=\"\(x)\" cy=\"\(y)\" r=\"4\" fill=\"\(color)\"/>")
        }
    }

    private func writeLegend(to file: OutputFile) throws {
        let left = area.right + Plot.margin.right
        try write(legendTitle, x: left, y: area.top + 5, attributes: "fill=\"#777\"", to: file)
        for (index, series) in series.enumerated() {
            let y = area.top + 5 + Double(index + 1) * Plot.lineOfLegend
            if isLined {
                let line = "M\(Plot.text(left)) \(Plot.text(y - 4.5))h28"
                try file.writeLine("<path d=\"\(line)\" fill=\"none\" \(Plot.stroke(index))/>")
            } else {
                let place = "cx=\"\(Plot.text(left + 14))\" cy=\"\(Plot.text(y - 4.5))\""
                try file.writeLine("<circle \(place) r=\"4\" fill=\"\(Plot.color(index))\"/>")
            }
            try write(series.name, x: left + 37, y: y, attributes: "", to: file)
        }
    }

    private func write(_ text: String, x: Double, y: Double, attributes: String, to file: OutputFile) throws {
        if text.isEmpty { return }
        let place = "x=\"\(Plot.text(x))\" y=\"\(Plot.text(y))\""
        try file.writeLine("<text \(place)\(attributes.isEmpty ? "" : " ")\(attributes)>\(text.xmlEscaped)</text>")
    }

    private static func color(_ index: Int) -> String { colors[index % colors.count] }

    private static func stroke(_ index: Int) -> String {
        let dash = dashes[index / colors.count % dashes.count]
        let pattern = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
        return "stroke=\"\(color(index))\" stroke-width=\"2\" stroke-linejoin=\"round\"\(pattern)"
    }

    /// Tenths of pixels are more than anyone sees.
    private static func text(_ number: Double) -> String {
        let rounded = (number * 10).rounded() / 10
        return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
    }
}
