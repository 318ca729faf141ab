/// The line at the lower edge of the window that says how the run is going.
struct Overlay {
    let font: BitmapFont

    /// How many rows of the picture it takes.
    static func height(dot: Int) -> Int { (BitmapFont.cell.height + 4) * dot }

    func draw(_ fields: [String], on canvas: Canvas, dot: Int) {
        let height = Overlay.height(dot: dot)
        let top = canvas.height - height
        canvas.cover(x: 0, y: top, width: canvas.width, height: height, with: .paper, opacity: 224)
        write(fields.joined(separator: "   "), on: canvas, x: 6 * dot, y: top + 2 * dot, dot: dot)
    }

    /// Lines on a sheet in the middle of the window.
    func drawSheet(_ lines: [String], on canvas: Canvas, dot: Int) {
        let (letter, line) = (BitmapFont.cell.width * dot, (BitmapFont.cell.height + 3) * dot)
        let width = (lines.map(\.count).max() ?? 0) * letter + 4 * letter
        let height = lines.count * line + 2 * line
        let (left, top) = ((canvas.width - width) / 2, (canvas.height - height) / 2)
        canvas.cover(x: left, y: top, width: width, height: height, with: .ink)
        canvas.cover(
            x: left + dot,
            y: top + dot,
            width: width - 2 * dot,
            height: height - 2 * dot,
            with: .paper
        )
        for (index, text) in lines.enumerated() {
            write(text, on: canvas, x: left + 2 * letter, y: top + (index + 1) * line + dot, dot: dot)
        }
    }

    /// A text on such a sheet, in lines that fit the window.
    func drawSheet(_ text: String, on canvas: Canvas, dot: Int) {
        let length = max(1, canvas.width / (BitmapFont.cell.width * dot) - 6)
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= length {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        drawSheet(lines, on: canvas, dot: dot)
    }

    private func write(_ text: String, on canvas: Canvas, x: Int, y: Int, dot: Int) {
        font.write(text, on: canvas, x: x, y: y, scale: dot, color: .ink)
    }
}

extension Color {
    /// Letters and lines over the picture.
    static let ink = Color(red: 40, green: 40, blue: 40)
    /// What is below them.
    static let paper = Color(red: 200, green: 200, blue: 200)
}
