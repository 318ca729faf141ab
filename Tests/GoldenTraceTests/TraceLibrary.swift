import Foundation

/// Reads cases from `.json` files (one case) and `.jsonl` files (one case a line).
enum TraceLibrary {
    struct Unreadable: Error, CustomStringConvertible {
        var description: String
    }

    /// The cases kept in this repository, sorted by name.
    static let fixtures: Result<[TraceCase], any Error> = Result {
        try files(in: fixtureFolder()).flatMap(cases(of:)).sorted { $0.name < $1.name }
    }

    /// The one case of a `.json` file kept in this repository, without reading all the others.
    static func fixture(named name: String) throws -> TraceCase {
        let file = try fixtureFolder().appending(path: "\(name).json")
        return try decode(Data(contentsOf: file), from: file, line: nil)
    }

    private static func fixtureFolder() throws -> URL {
        guard let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil) else {
            throw Unreadable(description: "the test bundle has no folder Fixtures")
        }
        return folder
    }

    /// The files with cases in a folder and the folders within it, in order.
    static func files(in folder: URL) throws -> [URL] {
        guard (try? folder.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true else {
            throw Unreadable(description: "\(folder.path) is not an existing folder")
        }
        guard let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else {
            throw Unreadable(description: "\(folder.path) cannot be listed")
        }
        return files.compactMap { $0 as? URL }
            .filter { ["json", "jsonl"].contains($0.pathExtension) }
            .sorted { $0.path < $1.path }
    }

    /// The cases of one file.
    static func cases(of file: URL) throws -> [TraceCase] {
        let data = try Data(contentsOf: file)
        guard file.pathExtension == "jsonl" else { return [try decode(data, from: file, line: nil)] }
        return try data.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
            try decode(line, from: file, line: index + 1)
        }
    }

    private static func decode(_ data: Data, from file: URL, line: Int?) throws -> TraceCase {
        do {
            return try JSONDecoder().decode(TraceCase.self, from: data)
        } catch {
            let place = line.map { "\(file.path):\($0)" } ?? file.path
            throw Unreadable(description: "\(place) is no golden case: \(error)")
        }
    }
}
