import Foundation
import Testing

/// Reads what the program has written in its own letters.
struct OverlayReader {
    /// The pixels of ink in each letter from the space to the tilde, row by row.
    private let letters: [[Bool]]

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../assets/font.bmp")
        let image = try PixelGrid(file: file.path)
        letters = (0..<95).map { letter in
            (0..<48).map { pixel in
                image[letter % 16 * 6 + pixel % 6, letter / 16 * 8 + pixel / 6]
                    == PixelGrid.Color(red: 0, green: 0, blue: 0)
            }
        }
    }

    /// The fields of the line at the lower edge.
    func fields(in picture: PixelGrid, dot: Int = 1) -> [String] {
        let count = (picture.width / dot - 6) / 6
        return line(in: picture, x: 6 * dot, y: picture.height - 10 * dot, count: count, dot: dot)
            .components(separatedBy: "   ").filter { !$0.isEmpty }
    }

    /// True when a text stands somewhere in the picture.
    func finds(_ text: String, in picture: PixelGrid) -> Bool {
        let wanted = text.unicodeScalars.map { letters[Int($0.value) - 32] }
        for y in 0..<picture.height - 8 {
            for x in 0..<picture.width - 6 * wanted.count {
                if wanted.indices.allSatisfy({ cell(picture, x: x + $0 * 6, y: y, is: wanted[$0], dot: 1) }) {
                    return true
                }
            }
        }
        return false
    }

    private func line(in picture: PixelGrid, x: Int, y: Int, count: Int, dot: Int) -> String {
        var text = ""
        for index in 0..<count {
            let left = x + index * 6 * dot
            guard let letter = letters.firstIndex(where: { cell(picture, x: left, y: y, is: $0, dot: dot) }) else {
                break
            }
            text.unicodeScalars.append(Unicode.Scalar(UInt8(32 + letter)))
        }
        return text.trimmingCharacters(in: .whitespaces)
    }

    private func cell(_ picture: PixelGrid, x: Int, y: Int, is letter: [Bool], dot: Int) -> Bool {
        let ink = PixelGrid.Color(red: 40, green: 40, blue: 40)
        return letter.indices.allSatisfy { pixel in
            (picture[x + pixel % 6 * dot, y + pixel / 6 * dot] == ink) == letter[pixel]
        }
    }
}
