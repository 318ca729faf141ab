/// The last frame as a picture.
final class ScreenshotFile: StepOutput {
    private let file: OutputFile
    private let window: RobotWindow

    init(file: OutputFile, window: RobotWindow) {
        self.file = file
        self.window = window
    }

    var path: String { file.path }

    /// The window shows no robots.
    var optionThatNeedsStep: String? { "--screenshot" }

    func startOver() throws { try file.startOver() }

    func commit() throws {
        let picture = try window.picture()
        try file.write(path.lowercased().hasSuffix(".bmp") ? picture.bmp : picture.png)
        try file.commit()
    }
}
