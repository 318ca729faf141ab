import Glibc
import RobotWorld

/// The runs of an experiment that have ended, kept in a file until all of them have: what is written in the end is then in
/// the order of the list, and a sweep that was ended goes on from there.
///
/// The first line says what kind of file this is, and which experiment it is of. Then each run has a line such as
/// `run 3 steps 1234 0123456789abcdef`, and as many bytes as that says: its rows. The last word is the FNV-1a hash of number,
/// ending and rows. Runs are added one after the other, so only the last one can have been cut off.
final class FinishedRuns {
    /// Where one run is in the file.
    private struct Place {
        let offset: Int
        let count: Int
        let ending: FinishedRun.Ending
    }

    /// Has another number when the form of these files changes.
    private static let kind = "robots sweep runs 1"

    /// The name of the file; nil for one that has none, and is lost in the end.
    let path: String?
    private let descriptor: Descriptor
    private var places: [Int: Place] = [:]
    private var length = 0

    /// Opens the file, or makes it.
    ///
    /// - Parameter identity: Of the experiment, see ``SweepIdentity``.
    /// - Throws: `Failure`, when the file is of another experiment, or another program has it.
    init(path: String?, identity: SweepIdentity) throws {
        self.path = path
        do {
            descriptor =
                try path.map(FinishedRuns.lockedFile) ?? ScratchFile.inFolderForTemporaryFiles().descriptor
            if let path { try read(path, identity) }
        } catch {
            throw FinishedRuns.failure(path, error)
        }
    }

    /// The file of that name, which no other program has.
    private static func lockedFile(_ path: String) throws -> Descriptor {
        while true {
            let descriptor = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_APPEND)
            guard descriptor.lock() else {
                let reason = "another program keeps the finished runs of a sweep there"
                throw Failure.noOutput("\(path): \(reason); wait until it has ended, or name another output")
            }
            // The program that had it until now may have removed it, and what has no name any more keeps nothing.
            if try descriptor.status.st_nlink > 0 { return descriptor }
            try descriptor.close()
        }
    }

    var isEmpty: Bool { places.isEmpty }

    var count: Int { places.count }

    func contains(_ index: Int) -> Bool { places[index] != nil }

    /// Adds a run at the end of the file.
    func add(_ run: FinishedRun, at index: Int) throws {
        let rows = Array(run.rows.map { "\($0.text)\n" }.joined().utf8)
        let hash = FinishedRuns.hash(index, run.ending, rows)
        let head = Array("run \(index + 1) \(run.ending.rawValue) \(rows.count) \(hash)\n".utf8)
        do {
            try descriptor.write(head + rows)
        } catch {
            // What is added behind a part of a run would not be found again.
            try? descriptor.truncate(to: length)
            throw FinishedRuns.failure(path, error)
        }
        places[index] = Place(offset: length + head.count, count: rows.count, ending: run.ending)
        length += head.count + rows.count
    }

    /// A run that has been added; nil when there is none.
    func run(at index: Int) throws -> FinishedRun? {
        guard let place = places[index] else { return nil }
        do {
            let bytes = try descriptor.read(at: place.offset, count: place.count)
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            return FinishedRun(ending: place.ending, rows: lines.compactMap(FinishedRun.Row.init))
        } catch {
            throw FinishedRuns.failure(path, error)
        }
    }

    /// Removes the file: what it has is in the outputs.
    func remove() {
        if let path { unsafe unlink(path.fileName) }
    }

    private func read(_ path: String, _ identity: SweepIdentity) throws {
        let size = Int(try descriptor.status.st_size)
        let first = "\(FinishedRuns.kind) \(identity)"
        let found = try line(at: 0)
        // A file without a whole line has been begun, and nothing was added.
        guard let found else {
            let bytes = try descriptor.read(at: 0, count: min(size, 200))
            guard "\(first)\n".utf8.starts(with: bytes) else { throw FinishedRuns.noRuns(path) }
            try descriptor.truncate()
            try descriptor.write(Array("\(first)\n".utf8))
            length = first.utf8.count + 1
            return
        }
        guard found.hasPrefix("\(FinishedRuns.kind) ") else { throw FinishedRuns.noRuns(path) }
        if let change = identity.change(from: found.dropFirst(FinishedRuns.kind.count + 1)) {
            throw Failure.badData(
                "\(path): these runs are of another sweep: \(change); take that back, or remove the file to begin anew"
            )
        }
        length = found.utf8.count + 1
        while let place = try nextPlace() {
            places[place.index] = place.place
            length = place.place.offset + place.place.count
        }
        if length < size {
            let kept = "the \(places.count) runs before that are kept"
            let reason = "its end is not complete or was changed, and the runs there will be made again"
            Notice.say("\(path): \(reason); \(kept)")
            try descriptor.truncate(to: length)
        }
    }

    /// The run that begins at the end of what has been read; nil when none does that is complete.
    private func nextPlace() throws(SystemError) -> (index: Int, place: Place)? {
        guard let head = try line(at: length) else { return nil }
        let words = head.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 5, words[0] == "run", let number = Int(words[1]), number > 0,
            let ending = FinishedRun.Ending(rawValue: String(words[2])), let count = Int(words[3]), count >= 0
        else { return nil }
        let place = Place(offset: length + head.utf8.count + 1, count: count, ending: ending)
        guard count <= Int(try descriptor.status.st_size) - place.offset else { return nil }
        let rows = try descriptor.read(at: place.offset, count: count)
        return FinishedRuns.hash(number - 1, ending, rows).description == words[4] ? (number - 1, place) : nil
    }

    /// The line that begins at a place, without its end; nil when none ends within what the first line of a run may have.
    private func line(at offset: Int) throws(SystemError) -> String? {
        let bytes = try descriptor.read(at: offset, count: 200)
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    private static func hash(_ index: Int, _ ending: FinishedRun.Ending, _ rows: [UInt8]) -> Digest {
        var hash = Digest()
        for byte in "\(index + 1) \(ending.rawValue) ".utf8 { hash.add(byte) }
        for byte in rows { hash.add(byte) }
        return hash
    }

    private static func noRuns(_ path: String) -> Failure {
        .noOutput(
            "\(path): this is no file of finished runs, which are kept there; name another output, or move the file"
        )
    }

    private static func failure(_ path: String?, _ error: any Error) -> Failure {
        guard let error = error as? SystemError else { return Failure(error) }
        let name = path ?? "the file of finished runs, in the folder for temporary files"
        return .noOutput("\(name): cannot be used: \(error); \(error.remedyForOutput)")
    }
}

extension Descriptor {
    /// Keeps other programs from locking the file until this one has ended.
    ///
    /// - Returns: False when another one has locked it. A file system without locks lets all have it.
    fileprivate func lock() -> Bool {
        var lock = Glibc.flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        return unsafe fcntl(number, F_SETLK, &lock) == 0 || (errno != EACCES && errno != EAGAIN)
    }
}
