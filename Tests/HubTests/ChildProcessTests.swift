import Foundation
import Hub
import Sync
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct ChildProcessTests {
    /// Whether there is a process of that number, a zombie included.
    private func exists(_ number: Int32) -> Bool { kill(number, 0) == 0 }

    @Test func theStatusSaysHowItEnded() throws {
        try Scheduler.scope {
            let children = [
                try ChildProcess("true"), try ChildProcess("false"), try ChildProcess("sh", "-c", "exit 7"),
                try ChildProcess("sh", "-c", "kill -9 $$"),
            ]
            #expect(try children.map { try $0.wait() } == [.exited(0), .exited(1), .exited(7), .signalled(.kill)])
        }
    }

    @Test func statusesAreNamed() {
        #expect("\(ChildStatus.exited(2))" == "status 2")
        #expect("\(ChildStatus.signalled(.kill))" == "SIGKILL")
        #expect(ChildStatus.exited(0).isSuccess && !ChildStatus.exited(1).isSuccess)
        #expect("\(SystemSignal(rawValue: 40))" == "signal 40")
    }

    @Test func theExampleIsRight() throws {
        try Scheduler.scope {
            let sort = try ChildProcess("sort", "-n", input: .pipe, output: .pipe)
            try sort.input!.write("10\n9\n")
            sort.input!.close()
            #expect(try sort.output!.readLine() == "9")
            #expect("\(try sort.wait())" == "status 0")
            #expect(sort.exitStatus == .exited(0))
        }
    }

    @Test func whatIsNotThereIsNamed() throws {
        try Scheduler.scope {
            let ports = try HubCore.current().ports as! SystemPorts
            let error = #expect(throws: SystemError.self) {
                try ChildProcess("no-such-program", input: .pipe, output: .pipe, errors: .pipe)
            }
            #expect(error?.code == .noSuchFile)
            #expect(error?.description == "start no-such-program: No such file or directory")
            let folder = #expect(throws: SystemError.self) { try ChildProcess("true", folder: "/no/such/folder") }
            #expect(folder?.description == "start true in /no/such/folder: No such file or directory")
            let denied = #expect(throws: SystemError.self) { try ChildProcess("/etc/passwd") }
            #expect(denied?.code == .accessDenied)
            #expect(throws: SystemError(.invalidArgument, "start a\0b")) { try ChildProcess("a\0b") }
            #expect(ports.openCount == 0)
        }
    }

    @Test func theFolderAndTheEnvironmentAreTheChilds() throws {
        try Scheduler.scope {
            #expect(try run("pwd", folder: "/usr").output == "/usr\n")
            let own = try run("sh", "-c", "echo $HUB_TEST,$PATH", environment: .adding(["HUB_TEST": "a b"])).output
            #expect(own == "a b,\(ProcessInfo.processInfo.environment["PATH"]!)\n")
            // It replaces the program's own.
            let paths = try run("env", environment: .adding(["PATH": "/usr/bin:/bin"])).output.split(separator: "\n")
            #expect(paths.filter { $0.hasPrefix("PATH=") } == ["PATH=/usr/bin:/bin"])
            #expect(try run("/usr/bin/env", environment: .only(["A": "1", "B": "2"])).output == "A=1\nB=2\n")
            #expect(try run("/usr/bin/env", environment: .only([:])).output == "")
        }
    }

    @Test func noOtherDescriptorIsInherited() throws {
        try Scheduler.scope {
            // One that nobody has marked as closed in children.
            let open = Foundation.open("/dev/null", O_RDONLY)
            defer { close(open) }
            let other = try ChildProcess("cat", input: .pipe, output: .pipe)
            // The last one is that of ls itself, which looks at the folder.
            #expect(try run("ls", "/proc/self/fd").output == "0\n1\n2\n3\n")
            other.input!.close()
            #expect(try other.wait() == .exited(0))
        }
    }

    @Test func signalsAreAsUsualInAChild() throws {
        try Scheduler.scope {
            signal(SIGXCPU, SIG_IGN)
            var blocked = sigset_t()
            var former = sigset_t()
            sigemptyset(&blocked)
            sigaddset(&blocked, SIGXFSZ)
            pthread_sigmask(SIG_BLOCK, &blocked, &former)
            defer {
                pthread_sigmask(SIG_SETMASK, &former, nil)
                signal(SIGXCPU, SIG_DFL)
            }
            let status = try run("cat", "/proc/self/status").output
            let lines = status.split(separator: "\n").map(String.init)
            #expect(lines.contains("SigBlk:\t0000000000000000"))
            // What the C library keeps for itself may be ignored.
            let ignored = lines.first { $0.hasPrefix("SigIgn:") }.flatMap { UInt64($0.suffix(16), radix: 16) }
            #expect(ignored.map { $0 & 0x7fff_ffff } == 0)
        }
    }

    @Test func streamsMayBeDescriptors() throws {
        try Scheduler.scope {
            let path = NSTemporaryDirectory() + "child-test-\(UUID().uuidString)"
            defer { unlink(path) }
            let file = open(path, O_RDWR | O_CREAT, 0o600)
            defer { close(file) }
            let child = try ChildProcess(
                "sh",
                "-c",
                "read line; echo \"$line\"; echo oops >&2",
                input: .pipe,
                output: .descriptor(file),
                errors: .descriptor(file)
            )
            try child.input!.write("hello\n")
            #expect(try child.wait() == .exited(0))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "hello\noops\n")
            #expect(try ChildProcess("sh", "-c", "read line", input: .null).wait() == .exited(1))
        }
    }

    /// The program's own standard output as the errors of a child whose output goes elsewhere.
    @Test func streamsOfTheProgramMayBeOthersOfAChild() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            setHangAlarm()
            try Scheduler.scope {
                let child = try ChildProcess(
                    "sh",
                    "-c",
                    "echo for the pipe; echo for the program >&2",
                    output: .pipe,
                    errors: .descriptor(1)
                )
                let output = try child.output!.readAll()
                precondition(String(decoding: output, as: UTF8.self) == "for the pipe\n")
                let status = try child.wait()
                precondition(status == .exited(0))
            }
        }
        let text = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(text.contains("for the program\n") && !text.contains("for the pipe"), "\(text)")
    }

    // MARK: Waiting

    @Test func manyMayWait() throws {
        try Scheduler.scope {
            let child = try ChildProcess("cat", input: .pipe)
            let waits = (0..<3).map { _ in Tasklet.spawn { try child.wait() } }
            try Tasklet.schedule()
            #expect(child.exitStatus == nil)
            child.input!.close()
            for wait in waits { #expect(try wait.value() == .exited(0)) }
        }
    }

    @Test func runWaitsForWhoWaitsForAChildAndNotForTheChild() throws {
        try Scheduler.scope {
            let child = try ChildProcess("cat", input: .pipe)
            // Nobody waits for it.
            try Tasklet.run()
            #expect(child.exitStatus == nil)
            var status: ChildStatus?
            Tasklet { status = try child.wait() }
            child.input!.close()
            try Tasklet.run()
            #expect(status == .exited(0))
        }
    }

    @Test func theEndIsAClauseOfASelect() throws {
        try Scheduler.scope {
            let child = try ChildProcess("cat", input: .pipe)
            func next() throws -> ChildStatus? {
                try select {
                    child.onExit { Optional($0) }
                    after(.milliseconds(2)) { ChildStatus?.none }
                }
            }
            #expect(try next() == nil)
            child.input!.close()
            _ = try child.wait()
            #expect(try next() == .exited(0))
        }
    }

    @Test func everyWaitForAChildCanBeEnded() throws {
        try Scheduler.scope {
            let child = try ChildProcess("sleep", "1000")
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(2)) { _ = try child.wait() } }
            let killed = Tasklet { _ = try child.wait() }
            let cancelled = Tasklet { _ = try child.wait() }
            try Tasklet.schedule()
            try killed.kill()
            cancelled.cancel()
            try Tasklet.schedule()
            #expect(!killed.isAlive && !cancelled.isAlive)
            #expect(exists(child.number) && child.exitStatus == nil)
            #expect(try child.terminate() == .signalled(.terminate))
            #expect(!exists(child.number))
        }
    }

    @Test func whoeverIsKilledAChildIsReaped() throws {
        try Scheduler.scope {
            let child = try ChildProcess("cat", input: .pipe)
            try Tasklet.schedule()
            // Also the hub's own tasklet.
            for tasklet in Scheduler.current.tasklets where tasklet != Tasklet.current { try tasklet.kill() }
            child.input!.close()
            #expect(try child.wait() == .exited(0))
            #expect(!exists(child.number))
        }
    }

    @Test func aDeadlockIsFoundWhenTheLastChildHasEnded() throws {
        try Scheduler.scope {
            let child = try ChildProcess("sleep", "0.05")
            #expect(throws: DeadlockError.self) { try Event().wait() }
            #expect(child.exitStatus == .exited(0))
        }
    }

    @Test func whatIsWaitedForIsNamedInADump() throws {
        try Scheduler.scope {
            let child = try ChildProcess("cat", input: .pipe)
            Tasklet(name: "waiter") { _ = try child.wait() }
            try Tasklet.schedule()
            let dump = Scheduler.current.dump()
            #expect(dump.contains("wait for event 'end of child \(child.number) (cat)'"), "\(dump)")
            #expect(dump.contains("'child \(child.number) (cat)'"), "\(dump)")
        }
    }

    // MARK: Ending

    @Test func aStubbornChildIsKilled() throws {
        try Scheduler.scope {
            let child = try ChildProcess(
                "sh",
                "-c",
                "trap '' TERM; echo ready; while :; do sleep 1; done",
                output: .pipe
            )
            #expect(try child.output!.readLine() == "ready")
            #expect(try child.terminate(grace: .milliseconds(5)) == .signalled(.kill))
            try child.send(.terminate)
        }
    }

    /// As the system writes it: "T" is stopped.
    private func state(of child: ChildProcess) -> Character? {
        guard let text = try? String(contentsOfFile: "/proc/\(child.number)/stat", encoding: .utf8) else { return nil }
        return text[text.lastIndex(of: ")")!...].dropFirst(2).first
    }

    @Test func aStoppedChildIsEnded() throws {
        try Scheduler.scope {
            let child = try ChildProcess("sleep", "1000")
            try child.send(.stop)
            while state(of: child) != "T" { try Tasklet.sleep(for: .milliseconds(1)) }
            #expect(try child.terminate() == .signalled(.terminate))
        }
    }

    @Test func theGroupEndsWithTheChild() throws {
        try Scheduler.scope {
            let script = "sh -c 'trap \"\" TERM; echo $$; exec sleep 1000' & wait"
            let child = try ChildProcess("sh", "-c", script, output: .pipe, hasGroup: true)
            let inner = Int32(try child.output!.readLine() ?? "")!
            #expect(try child.terminate() == .signalled(.terminate))
            // The pipe ends when nobody is left that has it: the other one is dead.
            #expect(try child.output!.readLine() == nil)
            #expect(inner != child.number)
        }
    }

    @Test func whoIsCancelledWhileItEndsAChildKillsIt() throws {
        try Scheduler.scope {
            let child = try ChildProcess(
                "sh",
                "-c",
                "trap '' TERM; echo ready; while :; do sleep 1; done",
                output: .pipe
            )
            #expect(try child.output!.readLine() == "ready")
            let ender = Tasklet { try child.terminate(grace: .seconds(1000)) }
            try Tasklet.schedule()
            ender.cancel()
            #expect(try child.wait() == .signalled(.kill))
        }
    }

    @Test func aForgottenChildIsReaped() throws {
        try Scheduler.scope {
            var number: Int32 = 0
            do {
                let child = try ChildProcess("true")
                number = child.number
            }
            // Something else is waited for meanwhile.
            while exists(number) { try Tasklet.sleep(for: .milliseconds(1)) }
            #expect(try HubCore.current().children.isEmpty)
        }
    }

    @Test func childrenEndWithTheScheduler() throws {
        var numbers: [Int32] = []
        try Scheduler.scope {
            numbers.append(try ChildProcess("sleep", "1000").number)
            numbers.append(
                try ChildProcess("sh", "-c", "trap '' TERM; while :; do sleep 1; done", hasGroup: true).number
            )
            let waited = try ChildProcess("sleep", "1000")
            numbers.append(waited.number)
            Tasklet { _ = try waited.wait() }
            try Tasklet.schedule()
        }
        for number in numbers { #expect(!exists(number)) }
    }

    /// Who ends a child in its cleanup does so also when the scheduler ends, and hears how it ended.
    @Test(arguments: [0, 1, 2, 3])
    func cleanupAtTheEndMayWaitForAChild(turns: Int) throws {
        var statuses: [ChildStatus?] = []
        var runs: [Bool] = []
        try Scheduler.scope {
            Tasklet {
                let child = try ChildProcess("sleep", "1000")
                defer { statuses.append(try? child.terminate(grace: .seconds(1000))) }
                try Tasklet.sleep(for: .seconds(1000))
            }
            Tasklet {
                defer { runs.append(true) }
                try run("sleep", "1000", grace: .seconds(1000))
            }
            for _ in 0..<turns { try Tasklet.schedule() }
        }
        // Without a turn they have not begun.
        #expect(statuses == (turns == 0 ? [] : [.signalled(.terminate)]))
        #expect(runs == (turns == 0 ? [] : [true]))
    }

    @Test func whatStillRunsAtTheEndIsNamed() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            setHangAlarm()
            try Scheduler.scope { _ = try ChildProcess("sleep", "1000") }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("(sleep) still ran at the end of its scheduler, and was ended."), "\(text)")
    }

    @Test func aThousandChildrenLeaveNothing() async throws {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            try Scheduler.scope {
                _ = try run("true")
                let before = try openDescriptorCount()
                for number in 0..<1000 {
                    let child = try ChildProcess("true", input: .pipe, output: .pipe)
                    if number % 2 == 0 { _ = try child.wait() }
                }
                let hub = try HubCore.current()
                while !hub.children.isEmpty { try Tasklet.sleep(for: .milliseconds(1)) }
                #expect(try openDescriptorCount() == before)
                // There is no child, not even a zombie.
                #expect(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD)
            }
        }
    }

    /// Whichever call finds that there are no descriptors left, nothing stays behind.
    @Test func withoutDescriptorsThereIsAnError() async throws {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            try Scheduler.scope {
                _ = try run("true")
                let before = try openDescriptorCount()
                let highest = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
                    Int($0)
                }.max()!
                // Fills the gaps, so that the limit is the number of those that may be opened.
                var fillers: [Int32] = []
                while let next = Optional(dup(0)), next <= highest { fillers.append(next) }
                var failures = 0
                for left in 0..<12 {
                    var limit = rlimit()
                    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                    let former = limit
                    limit.rlim_cur = rlim_t(highest + 2 + left)
                    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                    do {
                        #expect(try run("true").status == .exited(0))
                    } catch let error as SystemError {
                        #expect(error.code == .tooManyOpenFiles)
                        failures += 1
                    }
                    var restored = former
                    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &restored)
                    #expect(try HubCore.current().children.isEmpty)
                    #expect(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD)
                }
                #expect((1..<12).contains(failures))
                #expect(try openDescriptorCount() == before + fillers.count + 1)
            }
        }
    }

    @Test func withoutStreamsOfItsOwnAProgramStartsChildren() async throws {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            for descriptor in 0...2 as ClosedRange<Int32> { close(descriptor) }
            try Scheduler.scope {
                let result = try run("sh", "-c", "cat; echo errors >&2", input: "input")
                precondition(result.output == "input" && result.errors == "errors\n")
            }
        }
    }

    @Test func othersMayHaveTakenTheStatus() async throws {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            signal(SIGCHLD, SIG_IGN)
            try Scheduler.scope {
                let child = try ChildProcess("cat", input: .pipe)
                child.input!.close()
                let error = #expect(throws: SystemError.self) { try child.wait() }
                #expect(error?.description == "wait for child \(child.number) (cat): No child processes")
                #expect(child.exitStatus == nil)
            }
        }
    }
}

/// How many descriptors of the process a child may have to do with: pipes, processes, files.
///
/// The others come and go with Dispatch, whose threads the tests run on: an event counter of its main queue, and files of the
/// system that it looks at. The folder that is read here is one of those, too.
private func openDescriptorCount() throws -> Int {
    let others = ["/proc/", "anon_inode:[eventfd]", "anon_inode:[eventpoll]", "anon_inode:[timerfd]"]
    return try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") else {
            return false
        }
        return !others.contains(where: path.hasPrefix)
    }
}
