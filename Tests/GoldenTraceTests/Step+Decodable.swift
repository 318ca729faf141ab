/// A step in JSON: a string, or an object with the keys of one of the blocks.
extension Step: Decodable {
    private enum Key: String, CodingKey {
        case `try`, `catch`, `finally`
        case `repeat`, forever, iterate
        case whileReceivers = "while_receivers"
        case whileSenders = "while_senders"
        case `do`
    }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            try self.init(parsing: text)
            return
        }
        let block = try decoder.container(keyedBy: Key.self)
        func steps(_ key: Key) throws -> [Step] { try block.decode([Step].self, forKey: key) }
        func name(_ key: Key) throws -> String { try block.decode(String.self, forKey: key) }
        if block.contains(.try) {
            var handler: Handler?
            if block.contains(.catch) {
                handler = Handler(scope: try block.decode(Handler.Scope.self, forKey: .catch), steps: try steps(.do))
            }
            self = .attempt(
                try steps(.try),
                handler: handler,
                finally: block.contains(.finally) ? try steps(.finally) : []
            )
        } else if block.contains(.repeat) {
            self = .repeated(try block.decode(Int.self, forKey: .repeat), try steps(.do))
        } else if block.contains(.forever) {
            self = .forever(try steps(.forever))
        } else if block.contains(.iterate) {
            self = .iterate(try name(.iterate), try steps(.do))
        } else if block.contains(.whileReceivers) {
            self = .whileReceivers(try name(.whileReceivers), try steps(.do))
        } else if block.contains(.whileSenders) {
            self = .whileSenders(try name(.whileSenders), try steps(.do))
        } else {
            throw Malformed(description: "a block with the keys \(block.allKeys.map(\.rawValue)) is no known step")
        }
    }
}
