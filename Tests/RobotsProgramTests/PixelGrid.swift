import Foundation
import TestSupport
import Testing

/// The pixels of a picture.
struct PixelGrid: Equatable {
    let width: Int
    let height: Int
    /// Rows from above; red, green and blue of each pixel.
    let bytes: [UInt8]

    init(width: Int, height: Int, bytes: Data) {
        self.width = width
        self.height = height
        self.bytes = Array(bytes)
    }

    /// Reads a picture file by ImageMagick, so that a mistake of our own writer is not made twice.
    init(file: String) throws {
        let size = String(decoding: try Self.tool(["identify", "-format", "%w %h", file]), as: UTF8.self).split(
            separator: " "
        )
        width = try #require(Int(size[0]))
        height = try #require(Int(size[1]))
        bytes = Array(try Self.tool(["convert", file, "-depth", "8", "rgb:-"]))
    }

    static func tool(_ arguments: [String], environment: [String: String] = [:], seconds: Int = 600) throws -> Data {
        let process = Process()
        let output = Pipe()
        let program = try Tool.named(arguments[0]).path
        process.executableURL = try Tool.named("timeout")
        process.arguments = ["--kill-after=5", "\(seconds)", program] + arguments.dropFirst()
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.runWithSignals()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        switch process.terminationStatus {
        case 0: return data
        case 124: throw ToolFailure(description: "\(arguments) took more than \(seconds) s")
        default: throw ToolFailure(description: "\(arguments) failed")
        }
    }

    /// Not `#require`, which would fail the test also where it does without the tool: a window may go before it is asked.
    struct ToolFailure: Error, CustomStringConvertible {
        let description: String
    }

    struct Color: Equatable {
        let red: UInt8
        let green: UInt8
        let blue: UInt8

        static let background = Color(red: 200, green: 200, blue: 200)
        /// The icon's nose, which tells where it is heading.
        static let nose = Color(red: 250, green: 205, blue: 60)
        /// What is around the robot in its icon and must not be drawn.
        static let key = Color(red: 0xf3, green: 0x0a, blue: 0x0a)
    }

    subscript(x: Int, y: Int) -> Color {
        let start = (y * width + x) * 3
        return Color(red: bytes[start], green: bytes[start + 1], blue: bytes[start + 2])
    }

    /// A robot as it should be seen.
    struct Robot {
        let x: Double
        let y: Double
        let angle: Double
    }

    /// How a picture of the world has been taken.
    struct Shot {
        var width = 660
        var height = 648
        /// Pixels of a unit of the world.
        var scale = 1.0
        /// Where the upper left corner of the world is.
        var left = 0.0
        var top = 0.0
        /// Rows at the lower edge that show something else.
        var overlay = 0
    }

    /// What is wrong with the picture when these robots, apart from each other, should be in it; nil when nothing is.
    func difference(from robots: [Robot], in shot: Shot = Shot()) -> String? {
        guard width == shot.width, height == shot.height, bytes.count == width * height * 3 else {
            return "the size is \(width) × \(height)"
        }
        let scale = shot.scale
        // The icon measures 32 × 32 and turns about its middle.
        let middles = robots.map {
            (x: (($0.x + 16) * scale + shot.left).rounded() - 0.5, y: (($0.y + 16) * scale + shot.top).rounded() - 0.5)
        }
        var bodies = Array(repeating: Patch(), count: robots.count)
        var noses = Array(repeating: Patch(), count: robots.count)
        for y in 0..<height - shot.overlay {
            for x in 0..<width {
                let color = self[x, y]
                if color == .background { continue }
                if color == .key { return "the key colour is at (\(x), \(y))" }
                let owner = middles.firstIndex { hypot(Double(x) - $0.x, Double(y) - $0.y) < 22 * scale }
                guard let owner else { return "there is something at (\(x), \(y))" }
                bodies[owner].add(x, y)
                if color == .nose { noses[owner].add(x, y) }
            }
        }
        for (index, robot) in robots.enumerated() {
            let (body, nose, middle) = (bodies[index], noses[index], middles[index])
            guard body.count > 450 * scale * scale, nose.count > 20 * scale * scale else {
                return "there is no robot at (\(robot.x), \(robot.y))"
            }
            // Measured in the icon: its pixels are on average 2.5 pixels behind its middle, the nose 10.7 before those.
            let ahead = (x: sin(robot.angle * .pi / 180) * scale, y: -cos(robot.angle * .pi / 180) * scale)
            if hypot(body.x - (middle.x - 2.5 * ahead.x), body.y - (middle.y - 2.5 * ahead.y)) > 1.2 * scale {
                return "\(robot) is not at its place but around (\(body.x), \(body.y))"
            }
            if hypot(nose.x - body.x - 10.7 * ahead.x, nose.y - body.y - 10.7 * ahead.y) > 1.2 * scale {
                return "the nose of \(robot) is at (\(nose.x), \(nose.y)), its middle around (\(body.x), \(body.y))"
            }
        }
        return nil
    }

    /// Some pixels, and where they are on average.
    private struct Patch {
        private(set) var count = 0.0
        private var sum = (x: 0.0, y: 0.0)

        var x: Double { sum.x / count }
        var y: Double { sum.y / count }

        mutating func add(_ x: Int, _ y: Int) {
            count += 1
            sum.x += Double(x)
            sum.y += Double(y)
        }
    }
}
