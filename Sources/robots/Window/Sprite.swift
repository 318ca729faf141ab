/// A small picture with transparent parts, made once and drawn often.
///
/// Nearly every row of an icon is a solid stretch between two edges. So that is how rows are kept: the stretch is copied,
/// and only the edges are mixed with what is below them.
///
///     . . e e s s s s s s e . .     e: edge, s: solid
///         |   |           |
///         x   leading     trailing
struct Sprite {
    /// Small numbers, since thousands of sprites are drawn from the processor's cache.
    struct Row {
        /// Where the row begins among the pixels.
        let first: Int32
        /// Where the row begins in the sprite.
        let x: Int16
        let y: Int16
        /// How many pixels are mixed, copied, and mixed again.
        let leading: Int16
        let solid: Int16
        let trailing: Int16
    }

    let side: Int
    let rows: [Row]
    /// Only those of the rows: 0xAARRGGBB, the colour multiplied by the opacity.
    let pixels: [UInt32]

    /// - Parameter square: Rows from above, 0xAARRGGBB each, the colour multiplied by the opacity.
    init(side: Int, square: [UInt32]) {
        self.side = side
        var rows: [Row] = []
        var pixels: [UInt32] = []
        for y in 0..<side {
            let row = square[y * side..<(y + 1) * side]
            guard let start = row.firstIndex(where: { $0 != 0 }), let last = row.lastIndex(where: { $0 != 0 }) else {
                continue
            }
            // The longest solid stretch.
            var solid = start..<start
            var run = start
            for index in start...last + 1 where index > last || row[index] >> 24 != 255 {
                if index - run > solid.count { solid = run..<index }
                run = index + 1
            }
            rows.append(
                Row(
                    first: Int32(pixels.count),
                    x: Int16(start - y * side),
                    y: Int16(y),
                    leading: Int16(solid.lowerBound - start),
                    solid: Int16(solid.count),
                    trailing: Int16(last + 1 - solid.upperBound)
                )
            )
            pixels += row[start...last]
        }
        self.rows = rows
        self.pixels = pixels
    }
}
