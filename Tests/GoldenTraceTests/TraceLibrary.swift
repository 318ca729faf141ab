import Foundation

/// Reads cases from `.json` files (one case) and `.jsonl` files (one case a line).
enum TraceLibrary {
    struct Unreadable: Error, CustomStringConvertible {
        var description: String
    }

    /// The cases kept in this repository, by name.
    static let fixtures: Result<[TraceCase], any Error> = Result {
        guard let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil) else {
            throw Unreadable(description: "the test bundle has no folder Fixtures")
        }
        return try cases(in: folder)
    }

    /// The cases of all files in a folder and the folders within it, sorted by name.
    static func cases(in folder: URL) throws -> [TraceCase] {
        guard (try? folder.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true else {
            throw Unreadable(description: "\(folder.path) is not an existing folder")
        }
        guard let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else {
            throw Unreadable(description: "\(folder.path) cannot be listed")
        }
        var cases: [TraceCase] = []
        for case let file as URL in files {
            switch file.pathExtension {
            case "json": cases.append(try decode(Data(contentsOf: file), from: file, line: nil))
            case "jsonl":
                let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
                for (index, line) in lines.enumerated() {
                    cases.append(try decode(line, from: file, line: index + 1))
                }
            default: continue
            }
        }
        return cases.sorted { $0.name < $1.name }
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
