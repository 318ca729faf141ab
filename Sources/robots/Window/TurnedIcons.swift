#if canImport(Glibc)
import Glibc
#endif

/// The icon of the robots in every direction, at the size that is drawn at present.
///
/// An icon is scaled and turned when it is first needed, and kept until another size is wanted.
struct TurnedIcons {
    /// How many pixels the icon in the file is wide and high. A pixel of it is a unit of the world.
    static let side = 32

    private let icon: Bitmap
    /// Pixels of this colour are transparent.
    private let key: UInt32
    private(set) var size = 0.0
    private var sprites: [Sprite?] = []
    private var bytes = 0

    /// A sprite is a square of this many pixels a side, with the middle of the icon in its middle.
    private(set) var spriteSide = 0

    init(bmp: [UInt8], key: Color) throws(SDLError) {
        icon = try Bitmap(bmp: bmp)
        self.key = key.word
    }

    /// From here on icons are this many pixels wide and high.
    mutating func resize(to newSize: Double) {
        guard newSize != size else { return }
        size = newSize
        // Room for the corners, and an even number: the middle lies between two pixels, as in the file.
        spriteSide = 2 * Int((size * 0.7072).rounded(.up) + 1)
        // Small icons look the same in neighbouring directions. No direction is lost in large ones: robots turn by half
        // degrees.
        let directions = size >= 24 ? 720 : size >= 12 ? 360 : 180
        sprites = Array(repeating: nil, count: directions)
        bytes = 0
    }

    /// The icon, turned clockwise by an angle in degrees.
    mutating func sprite(turnedBy angle: Double) -> Sprite {
        let part = angle.truncatingRemainder(dividingBy: 360) / 360
        var direction = Int((part * Double(sprites.count)).rounded()) % sprites.count
        if direction < 0 { direction += sprites.count }
        if let sprite = sprites[direction] { return sprite }

        // Large icons in all directions take more memory than they are worth.
        if bytes > 64 << 20 {
            sprites = Array(repeating: nil, count: sprites.count)
            bytes = 0
        }
        let pixels = turned(by: Double(direction) / Double(sprites.count) * 2 * .pi)
        let sprite = Sprite(side: spriteSide, square: pixels)
        sprites[direction] = sprite
        bytes += spriteSide * spriteSide * 4
        return sprite
    }

    /// Each pixel is the average of several points of the icon, so edges are smooth at every size.
    private func turned(by radians: Double) -> [UInt32] {
        let unit = Double(icon.width) / size
        let points = max(3, Int(unit.rounded(.up)))
        let all = UInt32(points * points)
        let (across, down) = (cos(radians) * unit, sin(radians) * unit)
        let middle = Double(spriteSide) / 2
        let iconMiddle = Double(icon.width) / 2
        var pixels = [UInt32](repeating: 0, count: spriteSide * spriteSide)
        for row in 0..<spriteSide {
            for column in 0..<spriteSide {
                var (red, green, blue, count): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
                for pointY in 0..<points {
                    let y = Double(row) + (Double(pointY) + 0.5) / Double(points) - middle
                    for pointX in 0..<points {
                        let x = Double(column) + (Double(pointX) + 0.5) / Double(points) - middle
                        let (iconX, iconY) = (iconMiddle + x * across + y * down, iconMiddle + y * across - x * down)
                        guard iconX >= 0, iconY >= 0, iconX < Double(icon.width), iconY < Double(icon.height) else {
                            continue
                        }
                        let color = icon.pixels[Int(iconY) * icon.width + Int(iconX)]
                        if color == key { continue }
                        red += color >> 16
                        green += color >> 8 & 0xff
                        blue += color & 0xff
                        count += 1
                    }
                }
                let color = (red / all) << 16 | (green / all) << 8 | blue / all
                pixels[row * spriteSide + column] = (255 * count / all) << 24 | color
            }
        }
        return pixels
    }
}
