/// The letters of the overlay: ASCII, all of the same width.
struct BitmapFont {
    /// A letter and the space beside it and below it, in pixels of the file.
    static let cell = (width: 6, height: 8)

    /// The rows of each letter from the space to the tilde; bit 0 is the leftmost pixel.
    private let letters: [[UInt8]]

    /// - Parameter bmp: An image of sixteen letters a row, black on white.
    init(bmp: [UInt8]) throws(SDLError) {
        let image = try Bitmap(bmp: bmp)
        let lettersInRow = image.width / BitmapFont.cell.width
        letters = (0..<95).map { letter in
            (0..<BitmapFont.cell.height).map { row in
                let y = letter / lettersInRow * BitmapFont.cell.height + row
                return (0..<BitmapFont.cell.width).reduce(0) { bits, column in
                    let x = letter % lettersInRow * BitmapFont.cell.width + column
                    return image.pixels[y * image.width + x] == 0 ? bits | 1 << column : bits
                }
            }
        }
    }

    /// Writes a line with its upper left corner at a place; a pixel of the file becomes a square of `scale` pixels.
    /// What the font does not have becomes a question mark.
    func write(_ text: String, on canvas: Canvas, x: Int, y: Int, scale: Int, color: Color) {
        var left = x
        for character in text {
            let code = character.asciiValue.map(Int.init) ?? 0
            let letter = letters[letters.indices ~= code - 32 ? code - 32 : 31]
            for (row, bits) in letter.enumerated() {
                for column in 0..<BitmapFont.cell.width where bits >> column & 1 == 1 {
                    canvas.cover(
                        x: left + column * scale,
                        y: y + row * scale,
                        width: scale,
                        height: scale,
                        with: color
                    )
                }
            }
            left += BitmapFont.cell.width * scale
        }
    }
}
