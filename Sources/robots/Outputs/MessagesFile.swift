/// Every event, one a line.
final class MessagesFile: StepOutput {
    private let file: OutputFile

    init(file: OutputFile) {
        self.file = file
    }

    var path: String { file.path }

    func write(_ event: String) throws { try file.writeLine(event) }

    func startOver() throws { try file.startOver() }

    func commit() throws { try file.commit() }
}
