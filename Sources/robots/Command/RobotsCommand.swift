import ArgumentParser
import Glibc
import RobotWorld

/// Runs the robot world, in a window or without.
@main
struct RobotsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "robots",
        abstract: "Robots fly through a square world; every one is an actor with a tasklet and a channel of its own.",
        discussion: """
            Without options: twelve robots in a window, until it is closed or ctrl-C is pressed; H shows its \
            keys. The same robots give the same run everywhere; the digest in the summary tells whether two runs were the same.

            Output files appear when the run has ended, also by ctrl-C, complete or not at all. An \
            output that fails ends the run; the others are complete up to there. A second ctrl-C, a quarter of a second \
            later, ends the program at once. The name - is standard input or standard output; with an output on standard \
            output, the summary is on standard error.

            The signal USR1 makes the program tell what each of its actors is doing.

            Exit codes: 0 the run ended, also by closing the window or ctrl-C; 64 wrong options; 65 an input file that \
            makes no sense; 66 one that cannot be read; 69 no display, or none any more, or no ffmpeg for --record; 70 a \
            mistake of this program; 71 no memory left for a robot; 73 an output that cannot be written; 128 and the number of a \
            signal, such as 130 for ctrl-C: a sweep that it has ended, a run that has not \
            read its input yet, or any run that a second one has ended.
            """,
        version: "0.1.0"
    )

    @Flag(help: "Run without a window, as fast as it goes. (default: in a window)")
    var headless = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("End after N steps, at least 1; with --resume N more. (default: no end)", valueName: "n"),
        transform: Self.number(1...Int.max)
    )
    var steps: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Divide the robots among N threads, from 1 to \(Self.mostThreads): the same run, faster where there are many robots \
            and as many processors. (default: 1)
            """,
            valueName: "n"
        ),
        transform: Self.number(1...Self.mostThreads)
    )
    var threads: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Steps shown in a second, from 1 to \(Self.mostFrames); in the window and by --record. (default: 60)",
            valueName: "n"
        ),
        transform: Self.number(1...Self.mostFrames)
    )
    var fps: Int?

    @Option(
        help: ArgumentHelp(
            """
            Robots from a JSON file with a "robots" array of {"id", "x", "y", "angle", "velocity"} and of groups \
            {"count", "seed", "velocity": [least, greatest]}; both may have a "behaviour". A "world" {"width", "height"} \
            moves the walls. Robots join while the world turns; with a group, step 1 shows all. Unknown keys are an error. \
            (default: the classic twelve)
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var scenario: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "N random robots instead, from 1 to \(Scenario.mostRobots); step 1 shows all. (default: the classic twelve)",
            valueName: "n"
        ),
        transform: Self.number(1...Scenario.mostRobots)
    )
    var robots: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seed of the random robots: the same seed, the same robots. (default: a new one, told in the summary)",
            valueName: "s"
        ),
        transform: Self.number(0...UInt64.max)
    )
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "How the random robots fly: \(Robot.behaviourNames). (default: classic)",
            valueName: "name"
        ),
        completion: .list(Robot.behaviours.map(\.key))
    )
    var behaviour: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Where the right and the lower wall are: two whole numbers from 1 to \(WorldSize.most). (default: what the \
            scenario file says, else 496x496)
            """,
            valueName: "widthxheight"
        )
    )
    var world: String?

    @Option(
        help: ArgumentHelp(
            "Go on from where a run was when --save wrote this file: the same run, bit for bit. (default: a new run)",
            valueName: "file"
        ),
        completion: .file()
    )
    var resume: String?

    @Option(
        help: ArgumentHelp(
            "Write all that --resume needs to go on from the last step. (default: not written)",
            valueName: "file"
        ),
        completion: .file()
    )
    var save: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Write the --save file after every K-th step too, at least 1. (default: at the end only)",
            valueName: "k"
        ),
        transform: Self.number(1...Int.max)
    )
    var saveEvery: Int?

    @Option(
        help: ArgumentHelp(
            """
            Show a run in the window that --states has written: forwards, backwards and from any place on; with \
            --world, --fps, --record and --screenshot. (default: a new run)
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var replay: String?

    @Option(
        help: ArgumentHelp(
            """
            Make many runs without a window, on all processors. The file is JSON: with a "scenarios" array of names of \
            scenario files, beside it, and of scenarios themselves, which needs --steps; or an experiment with "base", \
            "vary", "seeds", "steps", "until", "measure", "every", "limit" and "plot", see docs/Experiments.md. Without \
            --table, --statistics and --plot a summary line is printed for each run. (default: one run)
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var sweep: String?

    @Option(
        help: ArgumentHelp(
            """
            Write what an experiment of --sweep has measured as CSV, a row for each run and step, and beside it what the \
            columns are as FILE-metadata.json. Finished runs are kept in FILE.runs until all are: the same command goes on \
            from there. (default: not written)
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var table: String?

    @Option(
        help: ArgumentHelp(
            """
            Write mean, standard deviation and 95 % interval of each measure of --sweep as CSV, by combination and step. \
            (default: not written)
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var statistics: String?

    @Option(
        help: ArgumentHelp(
            "Draw a measure of --sweep over time, with a line for each combination, as SVG. (default: not written)",
            valueName: "file"
        ),
        completion: .file(extensions: ["svg"])
    )
    var plot: String?

    @Option(
        help: ArgumentHelp(
            "Write where everyone was, a JSON line for each step. (default: not written)",
            valueName: "file"
        ),
        completion: .file()
    )
    var states: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Write only every K-th step to the --states file, at least 1. (default: 1)", valueName: "k"),
        transform: Self.number(1...Int.max)
    )
    var every: Int?

    @Option(
        help: ArgumentHelp("Write every event, one a line. (default: not written)", valueName: "file"),
        completion: .file()
    )
    var messages: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Write only the events of the first N steps to the --messages file, at least 1. (default: all)",
            valueName: "n"
        ),
        transform: Self.number(1...Int.max)
    )
    var messagesSteps: Int?

    @Option(
        help: ArgumentHelp("Write a picture of every robot's path, as SVG. (default: not written)", valueName: "file"),
        completion: .file()
    )
    var trails: String?

    @Option(
        help: ArgumentHelp(
            """
            Write which actor ran when and who sent to whom, as a trace for ui.perfetto.dev or chrome://tracing: the \
            newest million events. (default: not written)
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var timeline: String?

    @Option(
        help: ArgumentHelp(
            """
            Write a film with a frame for each step, with a window or without: FILE ends in .mp4, or in .gif, which \
            shows at most \(Recording.fastestGif) of them a second. What is no file, such as - or a pipe, gets an MP4. Needs the \
            program ffmpeg. (default: not written)
            """,
            valueName: "file"
        ),
        completion: .file(extensions: ["mp4", "gif"])
    )
    var record: String?

    @Option(
        help: ArgumentHelp(
            "Write the last frame as a picture, without the overlay: BMP when FILE ends in .bmp, else PNG; the window only. (default: not written)",
            valueName: "file"
        ),
        completion: .file(extensions: ["png", "bmp"])
    )
    var screenshot: String?

    @Option(
        help: ArgumentHelp(
            """
            Show charts of one or two measures in the window, such as collisions or "mean(velocity),messages per step"; key \
            G hides and shows them. (default: \(ChartQuantity.usual), after key G)
            """,
            valueName: "names"
        )
    )
    var chart: String?

    @Flag(help: "Print the summary as one JSON object, and nothing else. (default: as text)")
    var summaryJson = false

    /// More than most machines have processors.
    private static let mostThreads = 256

    /// More steps a second are none that anything could show.
    private static let mostFrames = 1_000_000

    /// Runs the program. Whatever is wrong is said in one line.
    static func main() {
        do {
            try command().run()
        } catch {
            let failure = Failure(error)
            Notice.say(failure.message)
            Glibc.exit(failure.exitCode.rawValue)
        }
    }

    /// What the user has asked for. Ends the process when that was only help, the version or a script for completion.
    private static func command() throws(Failure) -> RobotsCommand {
        do {
            return try parse(FileName.arguments)
        } catch {
            let exitCode = exitCode(for: error)
            // These are asked for like errors, but are none.
            if exitCode.isSuccess {
                try Summary.print(fullMessage(for: error), named: "what was asked for")
                Glibc.exit(exitCode.rawValue)
            }
            let remedy = "robots --help explains the options"
            throw Failure(message: "\(message(for: error))\(hint(for: error)); \(remedy)", exitCode: exitCode)
        }
    }
}
