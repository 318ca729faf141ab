import RobotWorld

/// Which part of the world is seen, and how large: the way from places in the world to pixels and back.
///
/// At first all of the world is seen, whatever the shape of the window, and the world keeps its own shape.
struct View: Equatable {
    /// Units that the whole picture is wider and higher than the room between the walls. An icon hangs over the right
    /// and the lower wall, since a robot's location is its upper left corner; the rest is for the eye and the overlay.
    private static let margin = (width: 164.0, height: 152.0)
    /// The largest icon, in pixels.
    private static let largestIcon = 256.0
    /// The smallest one: below it a robot would be a grain of dust.
    private static let smallestIcon = 6.0

    /// Pixels of the window.
    private(set) var width: Int
    private(set) var height: Int
    /// Units of the whole picture.
    private let whole: WorldSize
    /// 1 shows the whole picture, 2 half of its width.
    private var zoom = 1.0
    /// Pixels of a unit of the world.
    private(set) var scale = 1.0
    /// The place in the world that is in the middle of the window.
    private var middle: Location

    init(width: Int, height: Int, world: WorldSize) {
        self.width = width
        self.height = height
        whole = View.whole(world)
        middle = Location(x: whole.width / 2, y: whole.height / 2)
        scale = wholeScale
    }

    /// Units of the whole picture of a world.
    static func whole(_ world: WorldSize) -> WorldSize {
        WorldSize(width: world.width + margin.width, height: world.height + margin.height)
    }

    /// How wide and high the icons are, in pixels.
    var iconSize: Double { max(Double(TurnedIcons.side) * scale, View.smallestIcon * Double(dot)) }

    /// Pixels of a fine line or of a dot of a letter: more on screens with many pixels.
    var dot: Int { max(1, min(width / 660, height / 648)) }

    /// Where a place in the world is seen.
    func point(_ location: Location) -> Point {
        Point(
            x: (location.x - middle.x) * scale + Double(width) / 2,
            y: (location.y - middle.y) * scale + Double(height) / 2
        )
    }

    /// The place in the world that is seen at a point.
    func location(_ point: Point) -> Location {
        Location(
            x: (point.x - Double(width) / 2) / scale + middle.x,
            y: (point.y - Double(height) / 2) / scale + middle.y
        )
    }

    /// The middle of a robot's icon.
    func middle(of location: Location) -> Point {
        let half = Double(TurnedIcons.side) / 2
        return point(Location(x: location.x + half, y: location.y + half))
    }

    /// The location of a robot whose icon has its middle at a point.
    func location(withMiddle point: Point) -> Location {
        let corner = location(point)
        let half = Double(TurnedIcons.side) / 2
        return Location(x: corner.x - half, y: corner.y - half)
    }

    /// The window has another size now.
    mutating func resize(width: Int, height: Int) {
        self.width = width
        self.height = height
        scale = wholeScale * zoom
        keepInside()
    }

    /// Makes everything larger, or smaller when the factor is below 1; what is seen at a point stays there.
    mutating func zoom(by factor: Double, at point: Point) {
        let fixed = location(point)
        let most = max(1, View.largestIcon / Double(TurnedIcons.side) / wholeScale)
        zoom = min(max(zoom * factor, 1), most)
        scale = wholeScale * zoom
        let now = location(point)
        middle.x += fixed.x - now.x
        middle.y += fixed.y - now.y
        keepInside()
    }

    /// Moves what is seen by some pixels.
    mutating func pan(x: Double, y: Double) {
        middle.x -= x / scale
        middle.y -= y / scale
        keepInside()
    }

    private var wholeScale: Double { min(Double(width) / whole.width, Double(height) / whole.height) }

    /// The window shows nothing beyond the whole picture, unless that is smaller than the window.
    private mutating func keepInside() {
        func kept(_ middle: Double, seen: Double, whole: Double) -> Double {
            seen >= whole ? whole / 2 : min(max(middle, seen / 2), whole - seen / 2)
        }
        middle.x = kept(middle.x, seen: Double(width) / scale, whole: whole.width)
        middle.y = kept(middle.y, seen: Double(height) / scale, whole: whole.height)
    }
}
