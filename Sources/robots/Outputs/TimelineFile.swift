import RobotWorld
import Tasklets

/// Which actor ran when, and who sent to whom: the trace format of Perfetto and of `chrome://tracing`.
final class TimelineFile: StepOutput {
    private let file: OutputFile
    /// The newest million of events, if there are more.
    private(set) var timeline = Timeline()

    init(file: OutputFile) {
        self.file = file
    }

    var path: String { file.path }

    func startOver() throws {
        timeline = Timeline()
        try file.startOver()
    }

    func commit() throws {
        try timeline.write { try file.write($0.utf8) }
        try file.commit()
    }
}
