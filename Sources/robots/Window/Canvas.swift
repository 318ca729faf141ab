import CSDL2

/// A picture in memory that is drawn on by the processor: the same picture everywhere.
@safe final class Canvas {
    let width: Int
    let height: Int
    let surface: UnsafeMutablePointer<SDL_Surface>
    private let pixels: UnsafeMutablePointer<UInt32>
    /// Pixels from the start of one row to that of the next.
    private let stride: Int

    init(width: Int, height: Int) throws(SDLError) {
        guard
            let surface = unsafe SDL_CreateRGBSurfaceWithFormat(
                0,
                Int32(width),
                Int32(height),
                32,
                SDL_PIXELFORMAT_XRGB8888.rawValue
            )
        else { throw SDLError() }
        self.width = width
        self.height = height
        unsafe self.surface = surface
        unsafe pixels = surface.pointee.pixels.assumingMemoryBound(to: UInt32.self)
        stride = unsafe Int(surface.pointee.pitch) / 4
    }

    deinit {
        unsafe SDL_FreeSurface(surface)
    }

    /// Fills everything with one colour.
    func fill(_ color: Color) {
        unsafe SDL_FillRect(surface, nil, color.word)
    }

    /// Fills everything from a canvas of the same size whose colours are numbers: those that are `now` become the first
    /// colour, those that are one less the second, and so on; the last colour is for all others.
    func fill(with colors: [UInt32], byAgeOf numbers: Canvas, now: Color) {
        let (now, oldest) = (now.word, UInt32(colors.count - 1))
        unsafe colors.withUnsafeBufferPointer { colors in
            for row in 0..<height {
                let (source, target) = unsafe (numbers.pixels + row * numbers.stride, pixels + row * stride)
                for column in 0..<width {
                    let age = unsafe now &- source[column]
                    unsafe target[column] = colors[Int(min(age, oldest))]
                }
            }
        }
    }

    /// Draws a sprite with its upper left corner at a place, which may be outside.
    func draw(_ sprite: Sprite, x: Int, y: Int) {
        let isInside = x >= 0 && y >= 0 && x + sprite.side <= width && y + sprite.side <= height
        unsafe sprite.pixels.withUnsafeBufferPointer { source in
            for row in sprite.rows {
                let (left, line) = (x + Int(row.x), y + Int(row.y))
                let (leading, solid, trailing) = (Int(row.leading), Int(row.solid), Int(row.trailing))
                let count = leading + solid + trailing
                let source = unsafe source.baseAddress! + Int(row.first)
                let target = unsafe pixels + (line * stride + left)
                if isInside {
                    unsafe mix(source, into: target, 0..<leading)
                    unsafe (target + leading).update(from: source + leading, count: solid)
                    unsafe mix(source, into: target, leading + solid..<count)
                } else if 0..<height ~= line, left < width, left + count > 0 {
                    unsafe mix(source, into: target, max(0, -left)..<min(count, width - left))
                }
            }
        }
    }

    /// Covers a rectangle with a colour of some opacity: 0 leaves it as it is, 256 covers it.
    func cover(x: Int, y: Int, width: Int, height: Int, with color: Color, opacity: Int = 256) {
        let columns = max(x, 0)..<max(min(x + width, self.width), max(x, 0))
        for row in max(y, 0)..<max(min(y + height, self.height), max(y, 0)) {
            for column in columns {
                unsafe blend(pixels + (row * stride + column), color.word, UInt32(opacity))
            }
        }
    }

    /// Draws a straight line of some width in pixels.
    func line(from start: Point, to end: Point, width: Int, color: Color, opacity: Int = 256) {
        guard let (start, end) = clipped(start, end) else { return }
        let (dx, dy) = (end.x - start.x, end.y - start.y)
        let count = max(abs(dx), abs(dy)).rounded(.up)
        let (stepX, stepY) = count == 0 ? (0, 0) : (dx / count, dy / count)
        var (x, y) = (start.x, start.y)
        for _ in 0...Int(count) {
            if width == 1 {
                unsafe blend(pixels + (Int(y) * stride + Int(x)), color.word, UInt32(opacity))
            } else {
                let (left, top) = (Int(x) - width / 2, Int(y) - width / 2)
                cover(x: left, y: top, width: width, height: width, with: color, opacity: opacity)
            }
            x += stepX
            y += stepY
        }
    }

    /// What has been drawn.
    var picture: Picture {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * 3)
        for row in 0..<height {
            for column in 0..<width {
                let word = unsafe pixels[row * stride + column]
                bytes.append(UInt8(truncatingIfNeeded: word >> 16))
                bytes.append(UInt8(truncatingIfNeeded: word >> 8))
                bytes.append(UInt8(truncatingIfNeeded: word))
            }
        }
        return Picture(width: width, height: height, pixels: bytes)
    }

    private func contains(_ point: Point) -> Bool {
        // Half a pixel stays free at the far edges, so that rounding does not lead outside.
        point.x >= 0 && point.y >= 0 && point.x <= Double(width) - 0.5 && point.y <= Double(height) - 0.5
    }

    /// The part of a line that is on the canvas (Liang and Barsky); nil when there is none.
    private func clipped(_ start: Point, _ end: Point) -> (Point, Point)? {
        if contains(start) && contains(end) { return (start, end) }
        let (dx, dy) = (end.x - start.x, end.y - start.y)
        guard dx.isFinite, dy.isFinite else { return nil }
        var (first, last) = (0.0, 1.0)
        for (direction, room) in [
            (-dx, start.x), (dx, Double(width) - 0.5 - start.x), (-dy, start.y), (dy, Double(height) - 0.5 - start.y),
        ] {
            if direction == 0 {
                if room < 0 { return nil }
            } else if direction < 0 {
                first = max(first, room / direction)
            } else {
                last = min(last, room / direction)
            }
        }
        guard first <= last else { return nil }
        func point(_ part: Double) -> Point {
            Point(
                x: min(max(start.x + dx * part, 0), Double(width) - 0.5),
                y: min(max(start.y + dy * part, 0), Double(height) - 0.5)
            )
        }
        return (point(first), point(last))
    }

    /// Mixes pixels of a sprite into those of the canvas: red and blue in one multiplication, green in another.
    private func mix(_ source: UnsafePointer<UInt32>, into target: UnsafeMutablePointer<UInt32>, _ range: Range<Int>) {
        for index in range {
            let (word, below) = unsafe (source[index], target[index])
            let rest = 256 - (word >> 24 + word >> 31)
            let redAndBlue = ((below & 0xff00ff) &* rest) >> 8 & 0xff00ff
            let green = ((below & 0x00ff00) &* rest) >> 8 & 0x00ff00
            unsafe target[index] = word &+ redAndBlue &+ green
        }
    }

    /// Mixes a colour into a pixel.
    private func blend(_ pixel: UnsafeMutablePointer<UInt32>, _ word: UInt32, _ opacity: UInt32) {
        let rest = 256 - opacity
        let redAndBlue = unsafe (pixel.pointee & 0xff00ff) &* rest &+ (word & 0xff00ff) &* opacity
        let green = unsafe (pixel.pointee & 0x00ff00) &* rest &+ (word & 0x00ff00) &* opacity
        unsafe pixel.pointee = (redAndBlue >> 8) & 0xff00ff | (green >> 8) & 0x00ff00
    }
}

/// A place on a canvas, in pixels from its upper left corner.
struct Point: Equatable {
    var x: Double
    var y: Double
}

/// A colour without transparency.
struct Color: Equatable {
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    /// The colour as a pixel of a canvas: 0xRRGGBB.
    var word: UInt32 { UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue) }
}
