import Foundation
import Testing

extension RobotsProgram {
    /// The rows of a table of comma-separated values by the names of its columns, as RFC 4180 has them.
    func table(_ name: String) throws -> [[String: String]] {
        var records = try records(name)
        let columns = records.removeFirst()
        return try records.map { record in
            try #require(record.count == columns.count)
            return Dictionary(uniqueKeysWithValues: zip(columns, record))
        }
    }

    /// The cells of each line.
    func records(_ name: String) throws -> [[String]] {
        var records: [[String]] = []
        var record: [String] = []
        var cell = ""
        var isQuoted = false
        var text = try text(name).unicodeScalars[...]
        while let scalar = text.popFirst() {
            switch scalar {
            case "\"" where isQuoted && text.first == "\"":
                text.removeFirst()
                cell.append("\"")
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                record.append(cell)
                cell = ""
            case "\n" where !isQuoted:
                records.append(record + [cell])
                (record, cell) = ([], "")
            default: cell.unicodeScalars.append(scalar)
            }
        }
        try #require(record.isEmpty && cell.isEmpty && !isQuoted, "\(name) ends within a line")
        return records
    }

    /// Runs a program of Python in the folder, with the modules that Debian's packages have.
    func python(_ text: String) throws -> [String] {
        try write(text, to: "script.py")
        let result = try runScript("exec /usr/bin/python3 script.py")
        try #require(result.exitCode == 0, "install the Debian packages python3 and python3-pandas: \(result.errors)")
        return result.output.split(separator: "\n").map(String.init)
    }

    /// Runs an experiment to its end, which must be a good one.
    @discardableResult
    func experiment(_ text: String, _ arguments: [String] = ["--table", "table.csv"]) throws -> Result {
        try write(text, to: "sweep.json")
        return try runWell(["--sweep", "sweep.json"] + arguments)
    }

    /// A scenario with one group of random robots.
    static func scenario(_ count: Int, seed: UInt64 = 7, width: Int = 300, behaviour: String = "bounce") -> String {
        "{\"world\": {\"width\": \(width), \"height\": 200}, "
            + "\"robots\": [{\"count\": \(count), \"seed\": \(seed), \"behaviour\": \"\(behaviour)\", \"velocity\": [2, 9]}]}"
    }
}
