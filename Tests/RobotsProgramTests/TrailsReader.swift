import Foundation
import FoundationXML
import Testing

/// Takes the robots' names and paths out of an SVG file, by a parser that is not ours.
final class TrailsReader: NSObject, XMLParserDelegate {
    struct Point: Equatable {
        let x: Double
        let y: Double

        /// True within the two digits that the file has after the point.
        func isNear(_ x: Double, _ y: Double) -> Bool { abs(self.x - x) < 0.0051 && abs(self.y - y) < 0.0051 }
    }

    struct Trail {
        let name: String
        var points: [Point] = []
        /// The corner of the mark that points to where the robot is heading.
        var tip: Point?
        var elements = 0

        /// How far a place is from the line, at the least.
        func distance(_ x: Double, _ y: Double) -> Double {
            if points.count == 1 { return hypot(x - points[0].x, y - points[0].y) }
            return zip(points, points.dropFirst()).map { start, end in
                let (alongX, alongY) = (end.x - start.x, end.y - start.y)
                let square = alongX * alongX + alongY * alongY
                let part = square == 0 ? 0 : ((x - start.x) * alongX + (y - start.y) * alongY) / square
                let nearest = min(1, max(0, part))
                return hypot(x - start.x - nearest * alongX, y - start.y - nearest * alongY)
            }.min() ?? .infinity
        }
    }

    /// In the order of the file.
    private(set) var trails: [Trail] = []
    private(set) var viewBox: [Double] = []
    private(set) var elements = 0
    /// Of the longest attribute.
    private(set) var longest = 0
    private var title: String?
    private var isInTitle = false

    /// Reads the text of a file, which must be whole.
    init(_ text: String) throws {
        super.init()
        // In pieces: the library refuses more than ten million bytes at once.
        let parser = XMLParser(stream: InputStream(data: Data(text.utf8)))
        parser.delegate = self
        try #require(parser.parse(), "\(String(describing: parser.parserError)), line \(parser.lineNumber)")
    }

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements += 1
        longest = max(longest, attributes.values.map(\.utf8.count).max() ?? 0)
        switch name {
        case "svg":
            viewBox = (attributes["viewBox"] ?? "").split(separator: " ").map { Double($0) ?? .nan }
        case "title":
            title = ""
            isInTitle = true
        case "path": add(attributes["d"] ?? "")
        default: break
        }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if name == "title" { trails.append(Trail(name: title ?? "")) }
        isInTitle = false
        if name == "g" { title = nil }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if isInTitle { title? += text }
    }

    /// One M with the first point, then L with all others; a piece begins where the former has ended. After the last one, the
    /// mark with four corners and Z.
    private func add(_ path: String) {
        guard let index = trails.indices.last else { return }
        for (number, part) in path.split(separator: "M").enumerated() {
            let isMark = part.hasSuffix("Z")
            var points = part.split { $0 == "L" || $0 == "Z" }.map { pair in
                let numbers = pair.split(separator: " ").map { Double($0) ?? .nan }
                return Point(x: numbers[0], y: numbers[1])
            }
            if isMark {
                trails[index].tip = points.first
            } else {
                if number == 0, trails[index].elements > 0, points.first == trails[index].points.last {
                    points.removeFirst()
                }
                trails[index].points += points
            }
        }
        trails[index].elements += 1
    }
}
