import Glibc
import RobotWorld

/// A film of a run, a frame for each step, made by the program ffmpeg from frames that are drawn in memory.
final class Recording: StepOutput {
    /// Viewers show films in this format more slowly when they have more frames a second.
    static let fastestGif = 50
    /// Larger worlds are drawn smaller.
    private static let longestSide = 1280.0
    /// A world that is much longer than it is wide has ground beside it, so that its robots are seen.
    private static let shortestSide = 64

    /// What kind of film a file is, by its name.
    enum Format {
        case mp4
        case gif

        init?(path: String) {
            let name = path.lowercased()
            if name.hasSuffix(".mp4") { self = .mp4 } else if name.hasSuffix(".gif") { self = .gif } else { return nil }
        }
    }

    private let file: OutputFile
    private let arguments: [String]
    private let canvas: Canvas
    private let view: View
    private var icons: TurnedIcons
    private var encoder: ChildProcess

    /// - Throws: `Failure`, when the file cannot be created or there is no ffmpeg.
    init(path: String, framesPerSecond: Int, size: WorldSize) throws {
        file = try OutputFile(path: path, isSeekable: true)
        let whole = View.whole(size)
        let scale = min(1, Recording.longestSide / max(whole.width, whole.height))
        // Most players want even numbers.
        func side(_ length: Double) -> Int { max(Recording.shortestSide, 2 * Int(length * scale / 2)) }
        let (width, height) = (side(whole.width), side(whole.height))
        do {
            canvas = try Canvas(width: width, height: height)
            icons = try TurnedIcons(bmp: PackageResources.robot_bmp, key: .iconKey)
        } catch {
            throw Failure.noOutput("\(path): the frames cannot be drawn: \(error)")
        }
        view = View(width: width, height: height, world: size)
        icons.resize(to: view.iconSize)

        let format = Format(path: path) ?? .mp4
        let rate = format == .gif ? min(framesPerSecond, Recording.fastestGif) : framesPerSecond
        let output =
            switch format {
            case .mp4: ["-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4"]
            // A palette for each frame: one for all would need the whole film in memory.
            case .gif:
                [
                    "-filter_complex",
                    "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=none",
                    "-f", "gif",
                ]
            }
        arguments =
            [
                "ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-f", "rawvideo", "-pixel_format", "rgb24",
                "-video_size", "\(width)x\(height)", "-framerate", "\(rate)", "-i", "pipe:0",
                // The file's own name might mean something else to it, such as another protocol or a pattern.
            ] + output + ["file:/proc/self/fd/\(ChildProcess.outputNumber)"]
        encoder = try Recording.start(arguments, file)
    }

    var path: String { file.path }

    func take(_ step: Simulation.Step) throws { try draw(.state(step.state)) }

    /// Adds a frame to the film.
    func draw(_ scene: Scene) throws {
        canvas.fill(.ground)
        for robot in scene {
            canvas.draw(robotAt: robot.location, along: robot.vector, with: &icons, view: view)
        }
        do {
            try encoder.write(canvas.picture.pixels)
        } catch  where error.code == SystemError.gaveUp.code {
            encoder.abandon()
            throw failure("\(error); is ffmpeg stopped?")
        } catch {
            // What ffmpeg has to say about it says more than a broken pipe.
            throw failure(try? encoder.end())
        }
    }

    func startOver() throws {
        // First: two at once would write the same file.
        encoder.abandon()
        encoder = try Recording.start(arguments, file)
    }

    /// There is no film without a frame.
    var optionThatNeedsStep: String? { "--record" }

    func commit() throws {
        do {
            if let complaint = try encoder.end() { throw failure(complaint) }
        } catch let error as SystemError {
            throw failure("\(error)")
        }
        try file.commit()
    }

    private static func start(_ arguments: [String], _ file: OutputFile) throws -> ChildProcess {
        guard let scratch = file.scratch else {
            preconditionFailure("make the file of a recording with isSeekable: true")
        }
        do {
            return try ChildProcess(arguments, output: scratch)
        } catch {
            let (reason, remedy) =
                error.code == ENOENT
                ? ("it is not installed, or not in PATH", "install the package ffmpeg")
                : ("\(error)", error.remedyForProgram)
            throw Failure.unavailable(
                "--record: the program ffmpeg cannot be started: \(reason); \(remedy), or leave --record out"
            )
        }
    }

    private func failure(_ complaint: ChildProcess.Complaint?) -> Failure {
        let lines = (complaint?.errors ?? "").split(separator: "\n")
        // What the disk has answered, if ffmpeg names it, has a remedy.
        for code in [ENOSPC, EDQUOT, EFBIG, EIO, EROFS] {
            let error = SystemError(code: code)
            let isEndedByIt = code == EFBIG && complaint?.signal == SIGXFSZ
            if isEndedByIt || lines.contains(where: { $0.hasSuffix(error.description) }) {
                return failure("\(error); \(error.remedyForOutput)")
            }
        }
        if let line = lines.last { return failure("ffmpeg says: \(line)") }
        if let signal = complaint?.signal { return failure("ffmpeg was ended by signal \(signal); record again") }
        return failure("ffmpeg has ended without a word; record again")
    }

    private func failure(_ reason: String) -> Failure { .noOutput("\(path): cannot be recorded: \(reason)") }
}
