import Glibc
import RobotWorld

/// Writes trails as SVG, in elements that are small enough for every reader.
struct TrailsDrawing {
    /// Readers refuse attributes of 10 million bytes; these have some 130,000, with a line break at the end.
    private static let pointsInElement = 10_000
    private static let sharedColors = 360

    let file: OutputFile
    let size: WorldSize
    /// A pixel of a picture of 1000 pixels.
    let unit: Double

    func write(_ trails: [Trail], withNames: Bool) throws {
        let margin = 10 * unit
        let pixels = 1000 / max(size.width, size.height)
        let box = "\(-margin) \(-margin) \(size.width + 2 * margin) \(size.height + 2 * margin)"
        try file.writeLine("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
        try file.writeLine(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\((size.width * pixels).rounded(.up) + 20)\" "
                + "height=\"\((size.height * pixels).rounded(.up) + 20)\" viewBox=\"\(box)\">"
        )
        try file.writeLine("<rect x=\"\(-margin)\" y=\"\(-margin)\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>")
        try file.writeLine(
            "<rect width=\"\(size.width)\" height=\"\(size.height)\" fill=\"#f6f6f2\" stroke=\"#444\" "
                + "stroke-width=\"\(2 * unit)\"/>"
        )
        try file.writeLine(
            "<g fill=\"none\" stroke-width=\"\(1.2 * unit)\" stroke-linejoin=\"round\" stroke-linecap=\"round\" "
                + "stroke-opacity=\"0.75\">"
        )
        if withNames {
            for (number, trail) in trails.enumerated() {
                // Hues a golden angle apart: however many there are, neighbours differ.
                try begin(
                    hue: (Double(number) * 137.5).truncatingRemainder(dividingBy: 360),
                    hasPieces: trail.points.count > TrailsDrawing.pointsInElement
                )
                try file.writeLine("<title>\(trail.id.xmlEscaped)</title>")
                try write(CollectionOfOne(trail))
                try file.writeLine("</g>")
            }
        } else {
            for color in 0..<min(TrailsDrawing.sharedColors, trails.count) {
                try begin(hue: Double(color), hasPieces: false)
                try write(stride(from: color, to: trails.count, by: TrailsDrawing.sharedColors).lazy.map { trails[$0] })
                try file.writeLine("</g>")
            }
        }
        try file.writeLine("</g>")
        try file.writeLine("</svg>")
    }

    private func begin(hue: Double, hasPieces: Bool) throws {
        // Pieces that cross are not to be darker there than one path that crosses itself.
        let opacity = hasPieces ? " opacity=\"0.75\" stroke-opacity=\"1\"" : ""
        try file.writeLine("<g stroke=\"hsl(\(hue), 70%, 40%)\"\(opacity)>")
    }

    /// The paths, each with a mark where the robot is in the end, which points to where it is heading.
    private func write(_ trails: some Sequence<Trail>) throws {
        var path = ""
        var count = 0
        func end() throws {
            if count > 0 { try file.writeLine("<path d=\"\(path)\"/>") }
            path = ""
            count = 0
        }
        for trail in trails {
            // Far outside is not worth drawing, and beyond the numbers that a viewer can handle.
            let points = trail.points.filter { abs($0.x) <= 10_000_000 && abs($0.y) <= 10_000_000 }
            for (index, point) in points.enumerated() {
                if count >= TrailsDrawing.pointsInElement {
                    try end()
                    if index > 0 { path = "M\(text(points[index - 1]))" }
                }
                path += "\(index == 0 ? "M" : "L")\(text(point))"
                count += 1
            }
            if let last = points.last {
                path += mark(at: last, angle: trail.angle)
                count += 4
            }
        }
        try end()
    }

    private func mark(at point: Trail.Point, angle: Double) -> String {
        let radians = angle.isFinite ? angle * .pi / 180 : 0
        let (sine, cosine) = (sin(radians), cos(radians))
        let corners = [(0.0, -9.0), (5, 6), (0, 3), (-5, 6)].map { x, y in
            text(
                Double(point.x) + (x * cosine - y * sine) * unit,
                Double(point.y) + (x * sine + y * cosine) * unit
            )
        }
        return "M\(corners.joined(separator: "L"))Z"
    }

    private func text(_ point: Trail.Point) -> String { text(Double(point.x), Double(point.y)) }

    private func text(_ x: Double, _ y: Double) -> String { "\(text(x)) \(text(y))" }

    /// Two digits after the point.
    private func text(_ coordinate: Double) -> String {
        let hundredths = Int((coordinate * 100).rounded())
        let digits = String(abs(hundredths) % 100)
        let sign = hundredths < 0 ? "-" : ""
        return "\(sign)\(abs(hundredths) / 100).\(digits.utf8.count == 1 ? "0" : "")\(digits)"
    }
}
