/// A small picture with transparent parts, made once and drawn often.
///
/// Nearly every row of an icon is a solid stretch between two edges. So that is how rows are kept: the stretch is copied,
/// and only the edges are mixed with what is below them.
///
///     . . e e s s s s s s e . .     e: edge, s: solid
///         |   |           |
///         x   leading     trailing
struct Sprite {
    struct Row {
        /// Where the row begins in the sprite.
        let x: Int
        let y: Int
        /// Where the row begins among the pixels.
        let first: Int
        /// How many pixels are mixed, copied, and mixed again.
        let leading: Int
        let solid: Int
        let trailing: Int

        var count: Int { leading + solid + trailing }
    }

    let rows: [Row]
    /// 0xAARRGGBB each; only those of the rows.
    let pixels: [UInt32]

    /// - Parameter square: Rows from above, 0xAARRGGBB each.
    init(side: Int, square: [UInt32]) {
        var rows: [Row] = []
        var pixels: [UInt32] = []
        for y in 0..<side {
            let row = square[y * side..<(y + 1) * side]
            guard let start = row.firstIndex(where: { $0 >> 24 != 0 }),
                let last = row.lastIndex(where: { $0 >> 24 != 0 })
            else { continue }
            // The longest solid stretch.
            var solid = start..<start
            var run = start
            for index in start...last + 1 where index > last || row[index] >> 24 != 255 {
                if index - run > solid.count { solid = run..<index }
                run = index + 1
            }
            rows.append(
                Row(
                    x: start - y * side,
                    y: y,
                    first: pixels.count,
                    leading: solid.lowerBound - start,
                    solid: solid.count,
                    trailing: last + 1 - solid.upperBound
                )
            )
            pixels += row[start...last]
        }
        self.rows = rows
        self.pixels = pixels
    }
}
