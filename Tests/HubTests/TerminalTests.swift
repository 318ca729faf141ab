import CTestFunctions
import Foundation
import Tasklets
import TestSupport
import Testing

@testable import Hub

/// A terminal, and who types and looks.
private final class TestTerminal {
    let window: Int32
    let program: Int32

    init() {
        var window: Int32 = -1
        var program: Int32 = -1
        #expect(terminal_open(&window, &program))
        self.window = window
        self.program = program
    }

    deinit {
        close(window)
        close(program)
    }

    var givesLines: Bool { terminal_gives_lines(program) }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(write(window, bytes, bytes.count) == bytes.count)
    }

    func opened() throws -> Terminal { try Terminal(input: program, output: program) }
}

@Suite(.hangAlarm) struct TerminalTests {
    @Test func keysComeAtOnce() throws {
        try Scheduler.scope {
            let test = TestTerminal()
            let terminal = try test.opened()
            let key = Tasklet.spawn { try terminal.nextKey() }
            try Tasklet.schedule()
            #expect(!test.givesLines)
            test.type("x")
            #expect(try key.value() == .character("x"))
            // No key at all, then one that begins with the same byte as others.
            test.type("\u{1b}")
            #expect(try terminal.nextKey() == .escape)
            test.type("\u{1b}[A\r")
            #expect(try [terminal.nextKey(), terminal.nextKey()] == [.up, .enter])
            terminal.close()
            #expect(test.givesLines)
        }
    }

    @Test func linesAreAsUsual() throws {
        try Scheduler.scope {
            let test = TestTerminal()
            let terminal = try test.opened()
            test.type("hello\n")
            #expect(try terminal.nextLine() == "hello")
            #expect(test.givesLines)
            test.type("ab")
            #expect(try terminal.nextKey() == .character("a"))
            #expect(try terminal.nextKey() == .character("b"))
            #expect(!test.givesLines)
            let line = Tasklet.spawn { try terminal.nextLine() }
            try Tasklet.schedule()
            #expect(test.givesLines)
            test.type("c\n")
            #expect(try line.value() == "c")
        }
    }

    @Test func aKeyIsAClauseOfASelect() throws {
        try Scheduler.scope {
            let test = TestTerminal()
            let terminal = try test.opened()
            func next(within wait: Int = 100_000) throws -> Terminal.Key? {
                try Tasklets.select {
                    terminal.onKey { $0 }
                    after(.milliseconds(wait)) { Terminal.Key?.none }
                }
            }
            #expect(try next(within: 2) == nil)
            test.type("xy")
            #expect(try next() == .character("x"))
            #expect(try next() == .character("y"))
        }
    }

    @Test func whatIsWrittenIsSeen() throws {
        try Scheduler.scope {
            let test = TestTerminal()
            let terminal = try test.opened()
            try terminal.output.write("hello\n")
            let window = try PipeReader(descriptor: test.window)
            #expect(try window.readLine() == "hello")
        }
    }

    @Test func theSizeIsKnown() throws {
        try Scheduler.scope {
            let test = TestTerminal()
            let terminal = try test.opened()
            #expect(terminal_resize(test.window, 100, 30))
            #expect(try terminal.size == Terminal.Size(columns: 100, rows: 30))
        }
    }

    @Test func theClosedWindowIsTheEnd() throws {
        try Scheduler.scope {
            var window: Int32 = -1
            var program: Int32 = -1
            #expect(terminal_open(&window, &program))
            defer { close(program) }
            let terminal = try Terminal(input: program, output: program)
            let key = Tasklet.spawn { try terminal.nextKey() }
            try Tasklet.schedule()
            close(window)
            #expect(try key.value() == nil)
            #expect(try terminal.nextLine() == nil)
        }
    }

    @Test func everyWaitCanBeEnded() throws {
        try Scheduler.scope {
            let test = TestTerminal()
            let terminal = try test.opened()
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(2)) { _ = try terminal.nextKey() } }
            let killed = Tasklet { _ = try terminal.nextLine() }
            try Tasklet.schedule()
            try killed.kill()
            #expect(!killed.isAlive)
            let closed = Tasklet.spawn { try terminal.nextKey() }
            try Tasklet.schedule()
            #expect(throws: HubError.self) { try terminal.nextKey() }
            terminal.close()
            #expect(throws: SystemError(.closed, "read")) { try closed.value() }
            #expect(test.givesLines)
        }
    }

    @Test func whatIsNoTerminalIsRefused() throws {
        try Scheduler.scope {
            let (reader, _) = try Hub.pipe()
            let file = open("/dev/null", O_RDWR)
            defer { close(file) }
            let error = #expect(throws: SystemError.self) { try Terminal(input: file, output: file) }
            #expect(error?.description.contains("as a terminal: Inappropriate ioctl") == true, "\(error as Any)")
            withExtendedLifetime(reader) {}
        }
    }

    // MARK: Putting back

    @Test func itIsPutBackWithTheLastReferenceAndTheScheduler() throws {
        let test = TestTerminal()
        var kept: Terminal?
        try Scheduler.scope {
            do {
                let terminal = try test.opened()
                #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(1)) { _ = try terminal.nextKey() } }
                #expect(!test.givesLines)
            }
            #expect(test.givesLines)
            kept = try test.opened()
            let terminal = kept!
            Tasklet { _ = try terminal.nextKey() }
            try Tasklet.schedule()
            #expect(!test.givesLines)
        }
        #expect(test.givesLines)
        withExtendedLifetime(kept) {}
    }

    enum Death: String, CaseIterable, Codable {
        case exit, exitOnAnotherThread, trap, abort, terminate, segmentationFault
    }

    @Test(arguments: Death.allCases)
    func itIsPutBackWhenTheProgramEnds(_ death: Death) async throws {
        let test = TestTerminal()
        let path = String(cString: terminal_path(test.window))
        let name = death.rawValue
        let expected: ExitTest.Condition = [.exit, .exitOnAnotherThread].contains(death) ? .success : .failure
        await #expect(processExitsWith: expected) { [path = path as String, name = name as String] in
            setHangAlarm()
            try Scheduler.scope { try Self.die(Death(rawValue: name)!, at: path) }
        }
        #expect(test.givesLines)
    }

    private static func die(_ death: Death, at path: String) throws {
        let descriptor = open(path, O_RDWR | O_NOCTTY)
        let terminal = try Terminal(input: descriptor, output: descriptor)
        Tasklet { _ = try terminal.nextKey() }
        try Tasklet.schedule()
        precondition(!terminal_gives_lines(descriptor))
        switch death {
        case .exit: exit(0)
        case .exitOnAnotherThread: _ = TestThread { exit(0) }
        case .trap: fatalError("a trap")
        case .abort: abort()
        case .terminate: kill(getpid(), SIGTERM)
        case .segmentationFault: UnsafeMutablePointer<Int>(bitPattern: 8)!.pointee = 1
        }
        while true { sleep(1) }
    }
}

@Suite(.hangAlarm) struct KeyDecoderTests {
    private func keys(_ text: String, isOver: Bool = true) -> [Terminal.Key] { keys(Array(text.utf8), isOver: isOver) }

    private func keys(_ bytes: [UInt8], isOver: Bool = true) -> [Terminal.Key] {
        var bytes = bytes[...]
        var found: [Terminal.Key] = []
        while let (key, length) = KeyDecoder(bytes, isOver: isOver).first() {
            found.append(key)
            bytes = bytes.dropFirst(length)
        }
        return found
    }

    @Test func whatTerminalsSendIsKnown() {
        #expect(keys("aé€😀 ") == [.character("a"), .character("é"), .character("€"), .character("😀"), .character(" ")])
        #expect(keys("\r\t\u{7f}\u{1b}") == [.enter, .tab, .backspace, .escape])
        #expect(keys("\u{1}\u{1a}\0\n") == [.control("a"), .control("z"), .control(" "), .control("j")])
        #expect(keys("\u{1b}[A\u{1b}[B\u{1b}OC\u{1b}[D") == [.up, .down, .right, .left])
        #expect(
            keys("\u{1b}[H\u{1b}[4~\u{1b}[2~\u{1b}[3~\u{1b}[5~\u{1b}[6~") == [
                .home, .end, .insert, .delete, .pageUp, .pageDown,
            ]
        )
        #expect(keys("\u{1b}OP\u{1b}[15~\u{1b}[24~") == [.function(1), .function(5), .function(12)])
        #expect(
            keys("\u{1b}[1;5A\u{1b}[3;2~\u{1b}[Z\u{1b}x") == [
                .with(.control, .up), .with(.shift, .delete), .with(.shift, .tab), .alt("x"),
            ]
        )
        #expect(keys("\u{1b}\u{1b}[A") == [.escape, .up])
        #expect(keys("\u{1b}[99~a") == [.other(Array("\u{1b}[99~".utf8)), .character("a")])
        #expect(keys([0xff, 0x41]) == [.other([0xff]), .character("A")])
    }

    @Test func theBeginningOfMoreWaits() {
        for text in ["\u{1b}", "\u{1b}[", "\u{1b}[1;5", "\u{1b}O"] { #expect(keys(text, isOver: false).isEmpty) }
        #expect(keys([0xe2, 0x82], isOver: false).isEmpty)
        #expect(keys("\u{1b}[", isOver: true) == [.alt("[")])
    }

    /// Whatever comes, each byte belongs to exactly one key.
    @Test func anythingIsTakenApart() {
        var generator = SystemRandomNumberGenerator()
        let interesting = Array("\u{1b}[O;~123ABPx€".utf8) + [0xff, 0x80, 0, 13]
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                interesting.randomElement(using: &generator)!
            }
            var left = bytes[...]
            while !left.isEmpty {
                guard let (_, length) = KeyDecoder(left, isOver: true).first(), length > 0, length <= left.count else {
                    Issue.record("\(bytes) is not taken apart at \(Array(left)).")
                    return
                }
                left = left.dropFirst(length)
            }
        }
    }
}
