import Glibc

/// A file that `--states` has written. It may be far larger than the memory: only the place of each line is kept, and a line
/// is read when it is wanted.
final class RecordedRun {
    private let path: String
    private let descriptor: Descriptor
    /// Where each line that holds a state begins.
    private var starts: [Int] = []
    /// Where the last one of them ends.
    private var end = 0
    /// The file ends within a line: it is still being written, or has been cut off.
    private(set) var isCut = false

    /// Opens a file. What cannot be read twice, such as a pipe, is copied to its end into a file without a name first.
    ///
    /// - Parameter path: The file's name, or `-` for standard input.
    /// - Throws: `Failure`, when it cannot be read.
    init(path: String) throws {
        self.path = path
        do {
            let source = path == "-" ? .standardInput : try Descriptor(opening: path, flags: O_RDONLY)
            if try source.status.st_mode & S_IFMT == S_IFREG {
                descriptor = source
            } else {
                let scratch = try ScratchFile.inFolderForTemporaryFiles()
                try source.copyRest(to: scratch.descriptor)
                descriptor = scratch.descriptor
            }
        } catch {
            throw RecordedRun.unreadable(path, error)
        }
    }

    /// How many states have been found so far.
    var count: Int { starts.count }

    /// Looks for lines that have not been found yet.
    ///
    /// - Parameter goOn: Told from time to time which part of the file has been read, from 0 to 1; false ends the search.
    func readOn(goOn: (Double) throws -> Bool) throws {
        var line = end
        var position = end
        while true {
            let chunk = try bytes(at: position, count: RecordedRun.chunk)
            if chunk.isEmpty { break }
            forEachNewline(in: chunk) { newline in
                let next = position + newline + 1
                // An empty line is none.
                if next - line > 1 { starts.append(line) }
                line = next
                end = next
            }
            position += chunk.count
            let size = max(try fileSize(), position)
            guard try goOn(Double(position) / Double(size)) else { return }
        }
        isCut = false
        guard line < position else { return }
        // Some programs leave out the newline behind the last line.
        let tail = JSONText(path: path, bytes: try bytes(at: line, count: position - line))
        if (try? tail.value()) != nil {
            starts.append(line)
            end = position
        } else {
            isCut = true
        }
    }

    /// Reads one of the states.
    ///
    /// - Throws: `Failure` that names the file, the line, the key and the value.
    func state(at index: Int) throws -> RecordedState {
        let start = starts[index]
        let end = index + 1 < starts.count ? starts[index + 1] : end
        var bytes = try bytes(at: start, count: end - start)
        // What is wrong is not in the next line.
        while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        do {
            return try RecordedState(JSONText(path: path, bytes: bytes))
        } catch {
            // Only here its number is asked for, which takes a look at all that is before it.
            let number = try lineNumber(at: start)
            _ = try RecordedState(JSONText(path: "\(path), line \(number)", bytes: bytes, firstLine: number))
            throw error
        }
    }

    /// There is nothing to be shown.
    var isWithoutStates: Failure {
        let reason = isCut ? "its only line is no whole one" : "it is empty"
        return .badData("\(path): no state of a run: \(reason); name a file that --states has written")
    }

    private static let chunk = 1 << 16

    /// As quickly as it goes: a file may have gigabytes of them.
    private func forEachNewline(in chunk: [UInt8], _ body: (Int) -> Void) {
        unsafe chunk.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            var next = unsafe start
            while let newline = unsafe memchr(next, Int32(UInt8(ascii: "\n")), buffer.count - (next - start)) {
                body(unsafe UnsafeRawPointer(newline) - start)
                unsafe next = UnsafeRawPointer(newline) + 1
            }
        }
    }

    private func lineNumber(at offset: Int) throws -> Int {
        var number = 1
        var position = 0
        while position < offset {
            let chunk = try bytes(at: position, count: min(RecordedRun.chunk, offset - position))
            if chunk.isEmpty { break }
            number += chunk.count { $0 == UInt8(ascii: "\n") }
            position += chunk.count
        }
        return number
    }

    private func bytes(at offset: Int, count: Int) throws -> [UInt8] {
        do {
            return try descriptor.read(at: offset, count: count)
        } catch {
            throw RecordedRun.unreadable(path, error)
        }
    }

    private func fileSize() throws -> Int {
        do {
            return Int(try descriptor.status.st_size)
        } catch {
            throw RecordedRun.unreadable(path, error)
        }
    }

    private static func unreadable(_ path: String, _ error: SystemError) -> Failure {
        .noInput("\(path): cannot be read: \(error); name another one with --replay")
    }
}
