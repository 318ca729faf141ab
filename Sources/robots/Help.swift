/// What H shows.
enum Help {
    static let lines = [
        "Space          pause, go on",
        "Right          pause, one step",
        "+ -            faster, slower",
        "R              restart",
        "",
        "Click          add a robot",
        "Drag           add one with this heading and velocity",
        "Right click    remove a robot",
        "",
        "Wheel          zoom",
        "Shift-drag     move the view; also with the middle button",
        "F              full screen",
        "",
        "T              trails",
        "V              velocity arrows",
        "C              collision flashes",
        "S              save a picture",
        "",
        "H              this help",
        "Esc            end",
    ]
}
