/// What the user wants of the window. Points are pixels of the canvas.
enum Command {
    case end
    case pauseOrGoOn
    /// Also again and again, as long as the key is held.
    case stepOnce(isHeld: Bool)
    /// The same the other way.
    case stepBack(isHeld: Bool)
    case faster
    case slower
    case restart
    case trails
    case arrows
    case flashes
    case charts
    case savePicture
    case fullScreen
    case help
    /// To another place of a recorded run; the point is on the bar, or beside it while it is dragged.
    case jump(Point)
    /// A robot at a place; its heading is what was drawn with the pointer, if anything.
    case add(Drag)
    case remove(Point)
    case zoom(factor: Double, at: Point)
    case pan(x: Double, y: Double)
    /// The window has to be shown anew.
    case show
}

/// The way of the pointer while a button is held.
struct Drag {
    let start: Point
    var end: Point

    /// A hand is never quite still.
    var isClick: Bool { abs(end.x - start.x) < 4 && abs(end.y - start.y) < 4 }
}
