import Foundation
import Testing

/// Whatever a file is called, it is written where its name says, and nothing else is lost by that.
@Suite struct OutputNameTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    /// What others have written before and write later stays, and so does the summary.
    @Test(arguments: [
        "--states /dev/stdout >>log", "--states - >>log", "--states /proc/self/fd/1 >>log",
        "--states /proc/thread-self/fd/1 >>log", "--states link >>log", "--states linked/1 >>log",
        "--states /dev/stderr 2>>log", "--states /dev/fd/2 2>>log", "--states /dev/fd/3 3>>log",
        "--states /proc/self/fd/17 17>>log", "--states /proc/$BASHPID/fd/3 3>>log", "--states /dev/fd/3 3<>log 3>>log",
        "--states /proc/$$/fd/5", "--messages - >>log", "--save - >>log", "--timeline - >>log", "--trails - >>log",
        "--record - >>log",
    ])
    func descriptorsAreWrittenOn(call: String) throws {
        let result = try program.runScript(
            """
            ln -s /proc/self/fd/1 link
            ln -s /dev/fd linked
            exec 5>>log
            echo before >&5
            ls -i log >number
            (exec "$robots" --headless --steps 3 --summary-json \(call))
            code=$?
            echo after >&5
            ls -i log | cmp - number || exit 99
            exit $code
            """
        )
        #expect(result.exitCode == 0, "\(result.errors)")
        let log = try Data(contentsOf: program.folder.appending(path: "log"))
        #expect(log.starts(with: Data("before\n".utf8)) && log.suffix(6) == Data("after\n".utf8))
        let text = String(decoding: log, as: UTF8.self) + result.output + result.errors
        #expect(text.contains("{\"robots\": 12, \"steps\": 3, "))
        let mark =
            switch call.split(separator: " ")[0] {
            case "--states": "{\"step\": 3, "
            case "--messages": "recv WORLD_STATE"
            case "--save": "\"kind\": \"robots snapshot 1\""
            case "--timeline": "traceEvents"
            case "--trails": "</svg>"
            default: "ftyp"
            }
        #expect(String(decoding: log, as: UTF8.self).contains(mark))
        #expect(try program.files == ["log", "link", "linked", "number"])
    }

    /// A number that the program was not started with is free for files of its own.
    @Test(arguments: 3...9)
    func descriptorsThatAreNotOpen(number: Int) throws {
        let result = try program.runScript(
            """
            exec \(number)>&-
            "$robots" --headless --steps 3 --messages messages --save saved --record film.mp4 --states /dev/fd/\(number)
            """
        )
        #expect(result.exitCode == 73)
        let remedy = "name a descriptor that is open for writing\n"
        #expect(
            result.errors == "robots: /dev/fd/\(number): cannot be written: Bad file descriptor; \(remedy)",
            "\(result.errors)"
        )
        #expect(try program.files.isEmpty)
    }

    @Test func standardInputIsADashToo() throws {
        let scenario = "{\"robots\": [{\"count\": 5, \"seed\": 1}]}"
        try program.write(scenario, to: "scenario.json")
        try program.write("{\"scenarios\": [\"scenario.json\"]}", to: "sweep.json")
        let named = try program.summary([
            "--headless", "--steps", "9", "--scenario", "scenario.json", "--save", "saved",
        ])
        for call in [
            "--headless --scenario - <scenario.json", "--headless --scenario - --states /dev/null <scenario.json",
            "--sweep - <sweep.json",
        ] {
            let result = try program.runScript("exec \"$robots\" --steps 9 --summary-json \(call)")
            #expect(result.output.contains(named.digest), "\(call): \(result.errors)")
        }
        let direct = try program.summary(["--headless", "--steps", "3", "--resume", "saved"])
        let result = try program.runScript("exec \"$robots\" --headless --steps 3 --summary-json --resume - <saved")
        #expect(result.output.contains(direct.digest), "\(result.errors)")
    }

    /// Other programs may make a pipe that they share non-blocking, and what is read may take time to come.
    @Test func standardInputThatDoesNotBlock() throws {
        let result = try program.runScript(
            """
            mkfifo pipe; exec 3<>pipe 4<pipe
            (exec 5>pipe 3<&- 4<&-; sleep 0.5; echo '{"robots": []}' >&5) & exec 3<&-
            dd iflag=nonblock count=0 status=none <&4
            "$robots" --headless --steps 3 --scenario - --summary-json <&4
            """
        )
        #expect(result.output.contains("\"steps\": 3"), "\(result.errors)")
    }

    @Test func outputsMayShareWhatKeepsNothing() throws {
        let all = ["--states", "--messages", "--save", "--trails", "--timeline"].flatMap { [$0, "/dev/null"] }
        try program.runWell(["--headless", "--steps", "3"] + all)
        #expect(try program.files.isEmpty)
    }

    /// One of them would be lost.
    @Test(arguments: [
        ("ln one two; run --states one --messages two", "--messages: two is the --states file already"),
        ("ln -s one two; run --states two --save one", "--save: one is the --states file already"),
        ("ln -s made two; run --states two --save made", "--save: made is the --states file already"),
        ("ln one two; run --scenario one --save two", "--save: two is the --scenario file already"),
        ("run --sweep one --steps 3 --states ./one", "--states is for a single run"),
        ("run --states one >>one", "--states: one is where standard output goes already"),
        ("ln -s one two; run --states two >>one", "--states: two is where standard output goes already"),
        ("run --states one 2>>one; tail -n 1 one >&2", "--states: one is where standard error goes already"),
        ("run --states - --messages one >>one", "--messages: one is the --states file already"),
        ("run --states /dev/stdout --messages - | cat", "--messages: - is the --states file already"),
    ])
    func twoNamesOfOneFile(script: String, words: String) throws {
        let result = try program.runScript("run() { \"$robots\" --headless \"$@\"; }; echo kept >one; \(script)")
        #expect(result.errors.hasPrefix("robots: \(words)"), "\(result.errors)")
        #expect(try program.text("one").hasPrefix("kept\n"))
        #expect(try program.files.isSubset(of: ["one", "two"]))
    }

    @Test(arguments: [
        "-x.mp4", "file:y.mp4", "run-12:30:00.mp4", "pipe:1.mp4", "%d.mp4", "%03d.gif", "a b'\"\\.mp4", "*.gif",
        "ä\n.mp4",
        "concat:a|b.mp4", "./-.mp4", "https://host.mp4",
    ])
    func filmsMayHaveAnyName(name: String) throws {
        if name.contains("//") {
            try FileManager.default.createDirectory(atPath: program.path("https:"), withIntermediateDirectories: false)
        }
        let result = try program.runWell(["--headless", "--steps", "10", "--record=\(name)"])
        #expect(result.errors == "")
        let film = "file:" + program.path(name)
        let frames = try PixelGrid.tool([
            "ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", film,
        ])
        #expect(String(decoding: frames, as: UTF8.self).hasPrefix("10"))
        #expect(try program.files.count == 1)
    }

    @Test func filmsGoIntoPipesToo() throws {
        let result = try program.runScript("\"$robots\" --headless --steps 10 --record - --summary-json >film")
        #expect(result.exitCode == 0 && result.errors.contains("\"steps\": 10"), "\(result.errors)")
        let named = try program.runScript(
            "mkfifo pipe.gif; cat pipe.gif >film.gif & \"$robots\" --headless --steps 10 --record pipe.gif; wait; file film.gif"
        )
        #expect(named.output.contains("GIF image data"), "\(named.output) \(named.errors)")
    }

    /// They have no ending that would tell what kind of film is wanted.
    @Test func filmsThatAreNoFiles() throws {
        let result = try program.runScript(
            """
            mkfifo pipe; cat pipe >one & "$robots" --headless --steps 10 --record pipe || exit 1
            "$robots" --headless --steps 10 --record /dev/fd/3 3>two || exit 2
            "$robots" --headless --steps 10 --record /dev/stdout --summary-json | cat >three
            "$robots" --headless --steps 10 --record /dev/null || exit 4
            wait; for name in one two three; do file - <$name; done
            """
        )
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.output.matches(of: #/ISO Media, MP4/#).count == 3, "\(result.output)")
    }

    /// Names are bytes.
    @Test func namesThatAreNotText() throws {
        let all = ["states", "messages", "save", "trails", "timeline"].map { "--\($0) $'\($0)\\xff\\xfe\\xc3'" }
        let result = try program.runScript(
            """
            "$robots" --headless --steps 3 \(all.joined(separator: " ")) --record $'r\\xe9.mp4' || exit 1
            for name in states messages save trails timeline; do test -s $name$'\\xff\\xfe\\xc3' || exit 2; done
            test -s $'r\\xe9.mp4' || exit 3
            "$robots" --headless --steps 1 --resume $'save\\xff\\xfe\\xc3' || exit 4
            echo '{"robots": []}' >$'in\\xf0\\x9f'; "$robots" --headless --steps 1 --scenario $'in\\xf0\\x9f' || exit 5
            mkdir $'\\x80'; echo '{"scenarios": ["s"]}' >$'\\x80/l'; echo '{"robots": []}' >$'\\x80/s'
            "$robots" --steps 1 --sweep $'\\x80/l' || exit 6
            "$robots" --headless --steps 1 --states $'\\x80/o' && test -s $'\\x80/o' || exit 7
            printf '\\xf4\\x8f\\xbe\\x80' >name; "$robots" --headless --steps 1 --states "$(cat name)"; test -s "$(cat name)" || exit 8
            "$robots" --headless --steps 1 --scenario $'none\\xff'
            """
        )
        #expect(result.exitCode == 66, "\(result.errors)")
        #expect(result.errors.contains("none\\xff: cannot be read: No such file"), "\(result.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: program.folder.path).count == 10)
    }

    /// Together with the slash it is one character for Swift, but the name begins after the slash.
    @Test func anAccentAfterASlash() throws {
        let result = try program.runScript(
            """
            mkdir folder && "$robots" --headless --steps 3 --states $'folder/\\xcc\\x81states' &&
                wc -l <$'folder/\\xcc\\x81states'
            """
        )
        #expect(result.output.hasSuffix("\n3\n"), "\(result.errors)")
    }

    @Test func longNames() throws {
        let longest = String(repeating: "n", count: 255)
        try program.runWell(["--headless", "--steps", "3", "--states", longest])
        try program.runWell(["--headless", "--steps", "2", "--states", longest])
        #expect(try program.states(longest).count == 2)
        let result = try program.run(["--headless", "--steps", "3", "--states", longest + "n"])
        #expect(result.exitCode == 73)
        #expect(result.errors.contains("cannot be written: File name too long; give a shorter name"))
        #expect(try program.files == [longest])
    }
}
