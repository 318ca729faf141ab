import RobotWorld

extension Canvas {
    /// Draws a robot where the view has it.
    func draw(robotAt location: Location, along vector: Vector, with icons: inout TurnedIcons, view: View) {
        let middle = view.middle(of: location)
        let half = Double(icons.spriteSide) / 2
        let (left, top) = ((middle.x - half).rounded(), (middle.y - half).rounded())
        // Robots may begin anywhere, also where no pixel's number reaches.
        guard left > -2 * half, top > -2 * half, left < Double(width), top < Double(height) else { return }
        draw(icons.sprite(turnedBy: vector.angle), x: Int(left), y: Int(top))
    }
}

extension Color {
    /// What the robots fly over.
    static let ground = Color(red: 200, green: 200, blue: 200)
    /// Pixels of this colour in the icon are not drawn.
    static let iconKey = Color(red: 0xf3, green: 0x0a, blue: 0x0a)
}
