/// What H shows.
enum Help {
    static func lines(ofRecordedRun isRecorded: Bool) -> [String] {
        isRecorded ? wayThroughRecordedRun + view + end : wayThroughRun + view + charts + end
    }

    private static let wayThroughRun = [
        "Space          pause, go on",
        "Right          pause, one step",
        "+ -            faster, slower",
        "R              restart",
        "",
        "Click          add a robot",
        "Drag           add one with this heading and velocity",
        "Right click    remove a robot",
    ]

    private static let wayThroughRecordedRun = [
        "Space          pause, go on",
        "Right, Left    pause, one step or one back",
        "+ -            faster, slower",
        "R              from the beginning",
        "Bar            click or drag: to another step",
    ]

    private static let view = [
        "",
        "Wheel          zoom",
        "Shift-drag     move the view; also with the middle button",
        "F              full screen",
        "",
        "T              trails",
        "V              velocity arrows",
        "C              collision flashes",
    ]

    /// A recorded run does not tell what there is to count.
    private static let charts = ["G              charts"]

    private static let end = [
        "S              save a picture",
        "",
        "H              this help",
        "Esc            end",
    ]
}
