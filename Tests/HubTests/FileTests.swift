import Foundation
import Hub
import Tasklets
import TestSupport
import Testing

@Suite(.serialized, .hangAlarm) struct FileTests {
    /// A scope, and a directory that is gone afterwards.
    private func inDirectory(_ body: (_ path: String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/hub-files-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Scheduler.scope { try body(path) }
    }

    @Test func whatIsWrittenIsRead() throws {
        try inDirectory { folder in
            let file = try File.open(folder + "/notes", for: .creating)
            try file.write("one\ntwo\n")
            #expect(file.position == 8)
            file.position = 0
            #expect(try file.readLine() == "one")
            #expect(file.position == 4)
            // What was read ahead does not count: the next byte is written behind the one that was read.
            try file.write("TWO")
            file.position = 0
            #expect(try file.readAll() == Array("one\nTWO\n".utf8))
            #expect(try file.read(upTo: 1) == [])
            #expect(try file.size == 8)
            try file.truncate(to: 3)
            try file.sync()
            #expect(try file.size == 3)
            #expect(try file.read(upTo: 10, at: 1) == Array("ne".utf8))
            file.close()
            #expect(throws: SystemError(.closed, "read \(folder)/notes")) { try file.read(upTo: 1) }
        }
    }

    @Test func muchGoesThroughWhole() throws {
        try inDirectory { folder in
            let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            let file = try File.open(folder + "/much", for: .creating)
            try file.write(bytes)
            #expect(try file.read(upTo: bytes.count, at: 0) == bytes)
            try file.write([1, 2, 3], at: 2_000_000)
            #expect(try file.read(upTo: 5, at: 1_999_999) == [bytes[1_999_999], 1, 2, 3, bytes[2_000_003]])
            #expect(try File.read(folder + "/much").count == bytes.count)
        }
    }

    @Test func eachAccessDoesWhatItSays() throws {
        try inDirectory { folder in
            let path = folder + "/file"
            let missing = #expect(throws: SystemError.self) { try File.open(path) }
            #expect(missing?.description == "open \(path): No such file or directory")
            try File.open(path, for: .writing).write("first")
            try File.open(path, for: .appending).write(", second")
            #expect(try File.read(path) == Array("first, second".utf8))
            let taken = #expect(throws: SystemError.self) { try File.open(path, for: .creating) }
            #expect(taken?.code == .exists)
            try File.open(path, for: .updating).write("F")
            #expect(try File.read(path) == Array("First, second".utf8))
            try File.open(path, for: .writing).write("x")
            #expect(try File.read(path) == Array("x".utf8))
            let reader = try File.open(path)
            let refused = #expect(throws: SystemError.self) { try reader.write("y") }
            #expect(refused?.operation == "write \(path)")
        }
    }

    @Test func aWholeFileIsReplacedInOneStep() throws {
        try inDirectory { folder in
            let path = folder + "/whole"
            try File.write([1, 2, 3], to: path, permissions: 0o600)
            let former = try File.open(path)
            // One that a crash has left.
            try File.write([], to: path + ".new-1")
            try File.write([4], to: path)
            #expect(try File.read(path) == [4])
            #expect(try former.read(upTo: 10) == [1, 2, 3])
            #expect(try Directory.list(folder) == ["whole", "whole.new-1"])
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let error = #expect(throws: SystemError.self) { try File.write([1], to: folder + "/none/file") }
            #expect(error?.code == .noSuchFile)
            #expect(error?.operation.contains(folder + "/none/file") == true)
            // What cannot be replaced leaves nothing behind.
            try Directory.make(folder + "/directory")
            #expect(throws: SystemError.self) { try File.write([1], to: folder + "/directory") }
            #expect(try Directory.list(folder) == ["directory", "whole", "whole.new-1"])
        }
    }

    @Test func aWholeFileMayHaveAnyName() throws {
        try inDirectory { folder in
            let longest = String(repeating: "n", count: 255)
            // One character together with the slash before it.
            let odd = "\u{301}odd"
            for name in [longest, odd] {
                for byte: UInt8 in 1...2 {
                    try File.write([byte], to: folder + "/" + name)
                    #expect(try File.read(folder + "/" + name) == [byte])
                }
            }
            #expect(try Directory.list(folder).count == 2)
        }
    }

    /// Not taken for one that is not there: what it is to be replaced by might be read by everybody.
    @Test func aWholeFileWhosePermissionsNobodyKnowsIsNotReplaced() throws {
        try inDirectory { folder in
            let path = folder + "/loop"
            try #require(symlink("loop", path) == 0)
            let error = #expect(throws: SystemError.self) { try File.write([1], to: path) }
            #expect(error?.code.rawValue == ELOOP)
            #expect(try Directory.list(folder) == ["loop"])
        }
    }

    @Test func openingANamedPipeHoldsNoThread() throws {
        try inDirectory { folder in
            let path = folder + "/pipe"
            try #require(mkfifo(path, 0o600) == 0)
            #expect(try File.open(path).read(upTo: 1) == [])
            let error = #expect(throws: SystemError.self) { try File.open(path, for: .writing) }
            #expect(error?.code.rawValue == ENXIO)
        }
    }

    @Test func filesOfTheSystemThatSayTheyAreEmptyAreRead() throws {
        try Scheduler.scope {
            let status = String(decoding: try File.read("/proc/self/status"), as: UTF8.self)
            #expect(status.hasPrefix("Name:"))
            #expect(throws: HubError.tooLong(limit: 3)) { try File.read("/proc/self/status", limit: 3) }
        }
    }

    @Test func directories() throws {
        try inDirectory { folder in
            try Directory.make(folder + "/a")
            let taken = #expect(throws: SystemError.self) { try Directory.make(folder + "/a") }
            #expect(taken?.description == "make directory \(folder)/a: File exists")
            try File.write([1], to: folder + "/a/file")
            #expect(throws: SystemError.self) { try Directory.remove(folder + "/a") }
            try File.rename(folder + "/a/file", to: folder + "/b")
            #expect(try Directory.list(folder + "/a") == [])
            try Directory.remove(folder + "/a")
            try File.remove(folder + "/b")
            #expect(try Directory.list(folder) == [])
            let missing = #expect(throws: SystemError.self) { try Directory.list(folder + "/a") }
            #expect(missing?.description == "list directory \(folder)/a: No such file or directory")
            #expect(throws: SystemError(.invalidArgument, "rename \(folder) to b\0x")) {
                try File.rename(folder, to: "b\0x")
            }
            #expect(throws: SystemError(.invalidArgument, "open \(folder)\0x")) { try File.open(folder + "\0x") }
        }
    }

    @Test func twoAtOnePositionAreNamed() throws {
        try inDirectory { folder in
            // A pipe with a name: opening and reading it wait as a slow disk would.
            let path = folder + "/pipe"
            try #require(mkfifo(path, 0o600) == 0)
            let file = try File.open(path, for: .updating)
            let first = Tasklet.spawn(name: "first") { try file.read(upTo: 1) }
            let second = Tasklet.spawn(name: "second") { try file.read(upTo: 1) }
            let error = #expect(throws: HubError.self) { try second.value() }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("'first'") && text.contains("'second'") && text.contains(path), "\(text)")
            #expect(Scheduler.current.dump().contains("waits in read \(path)"))
            try file.write([7], at: 0)
            #expect(try first.value() == [7])
        }
    }

    @Test(arguments: ["timeout", "cancel", "kill"])
    func aReadThatIsEndedTouchesNothing(_ end: String) throws {
        try inDirectory { folder in
            let path = folder + "/pipe"
            try #require(mkfifo(path, 0o600) == 0)
            let file = try File.open(path, for: .updating)
            let reader = Tasklet.spawn {
                let body = { _ = try file.read(upTo: 1) }
                if end == "timeout" { try withTimeout(.milliseconds(5), body) } else { try body() }
            }
            try Tasklet.sleep(for: .milliseconds(1))
            if end == "cancel" { reader.tasklet?.cancel() }
            if end == "kill" { try reader.tasklet?.kill() }
            #expect(throws: (any Error).self) { try reader.value() }
            file.close()
            // Frees the thread.
            try File.open(path, for: .updating).write([1])
        }
    }

    /// Whoever writes a file does not take away what is no file.
    @Test func whatIsNoFileIsWrittenToAsItIs() throws {
        try inDirectory { path in
            let pipe = path + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            let reading = open(pipe, O_RDWR)
            defer { close(reading) }
            try File.write(Array("through".utf8), to: pipe)
            var buffer = [UInt8](repeating: 0, count: 16)
            #expect(read(reading, &buffer, 16) == 7)
            let link = path + "/device"
            try #require(symlink("/dev/null", link) == 0)
            try File.write(Array("away".utf8), to: link)
            for (name, kind) in [(pipe, S_IFIFO), (link, S_IFLNK), ("/dev/null", S_IFCHR)] {
                var status = stat()
                #expect(lstat(name, &status) == 0 && status.st_mode & S_IFMT == kind, "\(name)")
            }
            let error = #expect(throws: SystemError.self) { try File.write([1], to: path) }
            #expect(error?.description == "open \(path): Is a directory")
            #expect(try Directory.list(path) == ["device", "pipe"])
        }
    }

    @Test func whereALinkLeadsIsWritten() throws {
        try inDirectory { path in
            try Directory.make(path + "/there")
            let file = path + "/there/file"
            try File.write([1], to: file, permissions: 0o640)
            chmod(file, 0o640)
            try #require(symlink("there/file", path + "/link") == 0)
            try File.write([2, 3], to: path + "/link")
            #expect(try File.read(file) == [2, 3])
            var status = stat()
            #expect(lstat(path + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
            #expect(lstat(file, &status) == 0 && status.st_mode & 0o7777 == 0o640)
            #expect(try Directory.list(path + "/there") == ["file"])
            // One that leads nowhere is replaced.
            try #require(symlink("nowhere", path + "/lost") == 0)
            try File.write([4], to: path + "/lost")
            #expect(try File.read(path + "/lost") == [4])
        }
    }

    @Test func whatItIsNotOpenForIsSaid() throws {
        try inDirectory { path in
            let file = try File.open(path + "/file", for: .writing)
            let error = #expect(throws: SystemError.self) { try file.readLine() }
            #expect(error?.code == .badDescriptor)
            #expect(error?.description == "read \(path)/file: it is no descriptor, or not open for that")
            let reader = #expect(throws: SystemError.self) { try PipeReader(descriptor: 999_999) }
            #expect(reader?.code == .badDescriptor)
        }
    }
}
