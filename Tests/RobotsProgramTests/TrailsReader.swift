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
        var points: [Point]
    }

    /// In the order of the file.
    private(set) var trails: [Trail] = []
    private(set) var viewBox: [Double] = []
    private var title: String?
    private var isInTitle = false

    /// Reads the text of a file, which must be whole.
    init(_ text: String) throws {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
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
        switch name {
        case "svg":
            viewBox = (attributes["viewBox"] ?? "").split(separator: " ").map { Double($0) ?? .nan }
        case "title":
            title = ""
            isInTitle = true
        case "path":
            trails.append(Trail(name: title ?? "a path before its title", points: points(of: attributes["d"] ?? "")))
        default: break
        }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        isInTitle = false
        if name == "g" { title = nil }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if isInTitle { title? += text }
    }

    /// One M with the first point, then one L with all others.
    private func points(of path: String) -> [Point] {
        let numbers = path.split { $0 == " " || $0 == "M" || $0 == "L" }.map { Double($0) ?? .nan }
        guard numbers.count.isMultiple(of: 2), path.hasPrefix("M"), path.count(where: \.isLetter) <= 2 else {
            return []
        }
        return stride(from: 0, to: numbers.count, by: 2).map { Point(x: numbers[$0], y: numbers[$0 + 1]) }
    }
}
