import CExtendedAttributes
import Foundation
import Testing

/// What a file that is written anew keeps.
@Suite struct ReplacedFileTests {
    let program: RobotsProgram
    /// Runs the program without the power of root to open everything.
    private let asOrdinaryUser =
        (getuid() == 0 ? "setpriv --bounding-set=-dac_override,-dac_read_search,-fowner,-chown " : "") + "\"$robots\""

    init() throws {
        program = try RobotsProgram()
    }

    @Test(arguments: ["600", "640", "666", "755", "606"])
    func modeAndOtherAttributes(mode: String) throws {
        let result = try program.runScript(
            """
            umask 022; echo old >file; chmod \(mode) file
            "$robots" --headless --steps 2 --states file && stat -c %a file
            """
        )
        #expect(result.output.hasSuffix("\n\(mode)\n"), "\(result.output)\(result.errors)")
        #expect(try program.states("file").count == 2)
        #expect(try program.files == ["file"])
    }

    /// Another user may read it, by a list that `ls` shows as a plus sign.
    @Test func accessControlLists() throws {
        // Version 2; then kind of entry, rights and user: owner, user 1000, group, the most that both get, others.
        let entries: [(kind: UInt16, rights: UInt16, user: UInt32)] = [
            (1, 6, .max), (2, 4, 1000), (4, 4, .max), (16, 4, .max), (32, 0, .max),
        ]
        let list = entries.reduce(into: [2, 0, 0, 0] as [UInt8]) { bytes, entry in
            for part in [UInt32(entry.kind) | UInt32(entry.rights) << 16, entry.user] {
                for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: part >> UInt32(shift))) }
            }
        }
        try program.write("old", to: "file")
        let name = "system.posix_acl_access"
        try #require(
            unsafe setxattr(program.path("file"), name, list, list.count, 0) == 0,
            "the folder for temporary files has to be on a file system with access control lists"
        )
        try program.runWell(["--headless", "--steps", "2", "--states", "file"])
        var kept = [UInt8](repeating: 0, count: 1000)
        let length = unsafe getxattr(program.path("file"), name, &kept, kept.count)
        #expect(length == list.count && Array(kept[..<list.count]) == list)
        #expect(try program.states("file").count == 2)
    }

    @Test func newFilesFollowTheMask() throws {
        let result = try program.runScript(
            "umask 027; \"$robots\" --headless --steps 2 --states file && stat -c %a file"
        )
        #expect(result.output.hasSuffix("\n640\n"), "\(result.output)\(result.errors)")
    }

    @Test func aReadOnlyFileIsLeftAlone() throws {
        let result = try program.runScript(
            "echo old >file; chmod 444 file; \(asOrdinaryUser) --headless --steps 2 --states file --messages other"
        )
        #expect(result.exitCode == 73)
        #expect(
            result.errors == "robots: file: cannot be written: Permission denied; name a file that you may write to, "
                + "in a folder that you may write to\n"
        )
        #expect(try program.text("file") == "old\n")
        #expect(try program.files == ["file"])
    }

    @Test func aLinkMakesItsTarget() throws {
        let result = try program.runScript(
            """
            mkdir folder; ln -s folder/target link; ln -s link second
            "$robots" --headless --steps 2 --states second || exit 1
            test -L link && test -L second && test -s folder/target || exit 2
            "$robots" --headless --steps 3 --states link && test -L link && wc -l <folder/target
            ln -s loop loop; "$robots" --headless --steps 3 --states loop
            """
        )
        #expect(result.exitCode == 73)
        #expect(result.output.hasSuffix("\n3\n"), "\(result.output)")
        #expect(
            result.errors.contains("loop: cannot be written: Too many levels of symbolic links; name the file itself")
        )
    }

    @Test func otherNamesOfAFileStay() throws {
        let result = try program.runScript(
            """
            echo old >one; ln one two
            "$robots" --headless --steps 200 --states one && cmp one two || exit 1
            "$robots" --headless --steps 2 --states two && cmp one two && wc -l <one
            """
        )
        #expect(result.exitCode == 0 && result.output.hasSuffix("\n2\n"), "\(result.output)\(result.errors)")
        #expect(try program.files == ["one", "two"])
    }

    /// A signal while the file system makes room, which strace stands for, is no error of the file.
    @Test func aFileWithOtherNamesWhileASignalComes() throws {
        let result = try program.runScript(
            """
            echo old >one; ln one two
            strace -qqq -o trace -f -e trace=fallocate -e inject=fallocate:error=EINTR:when=1..2 \\
                "$robots" --headless --steps 200 --states one || exit 1
            grep -q INJECTED trace || exit 2
            rm trace; cmp one two && wc -l <one
            """
        )
        #expect(result.exitCode == 0 && result.output.hasSuffix("\n200\n"), "\(result.output)\(result.errors)")
    }

    /// Files without a name get one by way of /proc; strace takes that away.
    @Test func aRootWithoutProc() throws {
        let result = try program.runScript(
            """
            paths=$(printf -- '-P /proc/self/fd/%d ' {3..20})
            echo old >old; chmod 604 old
            strace -qqq -o trace -f $paths -e trace=?access,?faccessat,?faccessat2 \\
                -e inject=?access,?faccessat,?faccessat2:error=ENOENT \\
                "$robots" --headless --steps 30 --states new --messages old --save saved --save-every 3 || exit 1
            grep -q INJECTED trace || exit 2
            rm trace; stat -c %a old; ls -A
            """
        )
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.output.hasSuffix("\n604\nnew\nold\nsaved\n"), "\(result.output)")
        #expect(try program.states("new").count == 30)
    }

    @Test func aFileInAFolderThatTakesNone() throws {
        let result = try program.runScript(
            """
            mkdir folder; echo old >folder/file; chmod 555 folder
            \(asOrdinaryUser) --headless --steps 2 --states folder/file --record folder/film.mp4; echo $?
            \(asOrdinaryUser) --headless --steps 2 --states folder/file || exit 1
            wc -l <folder/file; ls -A folder; chmod 755 folder
            """
        )
        #expect(result.output.hasPrefix("73\n") && result.output.hasSuffix("\n2\nfile\n"), "\(result.output)")
        #expect(result.errors.contains("film.mp4: cannot be written: Permission denied"), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
    }

    /// Containers give each program the same number.
    @Test func leftoversBlockNothing() throws {
        let result = try program.runScript(
            "touch out.$$.partial .robots-1; chmod 0 out.$$.partial; exec \"$robots\" --headless --steps 2 --states out"
        )
        #expect(result.exitCode == 0, "\(result.errors)")
    }

    /// A kernel that answers as file systems do that have no files without a name. That takes strace.
    @Test func fileSystemsWithoutNamelessFiles() throws {
        let result = try program.runScript(
            """
            run() {
                strace -qqq -o trace -f -P "$(pwd -P)" -e trace=openat -e inject=openat:error=EOPNOTSUPP "$@" || exit 1
                grep -q INJECTED trace || exit 2
                rm trace
            }
            echo old >old; chmod 604 old
            run "$robots" --headless --steps 30 --states new --messages old --record film.mp4 --save saved --save-every 3
            stat -c %a old; ffprobe -v error film.mp4 && ls -A
            """
        )
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.output.hasSuffix("\n604\nfilm.mp4\nnew\nold\nsaved\n"), "\(result.output)")
        #expect(try program.states("new").count == 30)
        try program.runWell(["--headless", "--steps", "3", "--resume", "saved"])
    }

    /// As in a container, where a single file comes from outside.
    @Test func aFileThatCannotBeRenamedOver() throws {
        let result = try program.runScript(
            """
            echo old >old; ls -i old >number
            strace -qqq -o trace -f -e trace=rename -e inject=rename:error=EBUSY "$robots" --headless --steps 9 --states old || exit 1
            grep -q INJECTED trace || exit 2
            rm trace; ls -i old | cmp - number && rm number && wc -l <old
            """
        )
        #expect(result.exitCode == 0 && result.output.hasSuffix("\n9\n"), "\(result.output)\(result.errors)")
        #expect(try program.files == ["old"])
    }
}
