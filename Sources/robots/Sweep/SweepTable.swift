/// The table of an experiment as CSV: a row for each run and each step at which it was measured.
struct SweepTable {
    let file: OutputFile
    private let plan: SweepPlan

    init(file: OutputFile, plan: SweepPlan) throws {
        self.file = file
        self.plan = plan
        try file.writeLine(SweepColumns(plan).all.map(\.name).joined(separator: ","))
    }

    func take(_ finished: FinishedRun, of run: SweepRun) throws {
        var front = [String(run.index + 1)]
        front += plan.values(ofCombination: run.combination).map(SweepColumns.cell)
        if let seed = run.seed { front.append(String(seed)) }
        for row in finished.rows {
            let cells = front + [String(row.step), finished.ending.rawValue] + row.cells + [row.digest]
            try file.writeLine(cells.joined(separator: ","))
        }
    }
}

/// What the columns of a table are, as "CSV on the Web" has it.
struct SweepMetadata {
    let file: OutputFile
    /// The name of the table.
    let table: String
    let plan: SweepPlan

    /// The name of the table, without its folder, as an address has it.
    private var url: String {
        table.splitAtLastSlash.name.fileName.dropLast().map { byte in
            let scalar = Unicode.Scalar(UInt8(bitPattern: byte))
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789-._~".unicodeScalars.contains(scalar))
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return isPlain ? String(scalar) : "%\(digits.count == 1 ? "0" : "")\(digits)"
        }.joined()
    }

    func write() throws {
        let columns = SweepColumns(plan).all.map { column in
            var members = [
                ("name", column.name), ("titles", column.name), ("datatype", column.datatype),
                ("dc:description", column.about),
            ]
            if !column.unit.isEmpty { members.append(("schema:unitText", column.unit)) }
            return "  {" + members.map { "\($0.jsonQuoted): \($1.jsonQuoted)" }.joined(separator: ", ") + "}"
        }
        try file.writeLine("{\"@context\": \"http://www.w3.org/ns/csvw\", \"url\": \"\(url)\",")
        try file.writeLine(" \"tableSchema\": {\"columns\": [")
        try file.writeLine(columns.joined(separator: ",\n"))
        try file.writeLine(" ]}}")
    }
}
