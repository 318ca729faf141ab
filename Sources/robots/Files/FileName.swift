/// File names are bytes. Those that are not UTF-8 are kept in strings all the same: each byte that has no meaning there
/// is a character from a range that is for private use, and becomes that byte again where the system asks for the name.
enum FileName {
    /// The byte 0x80 is 128 after this scalar, and so on.
    private static let base: UInt32 = 0x10ff00

    fileprivate static func isEscape(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= base + 0x80 }

    fileprivate static func escape(_ byte: UInt8) -> Unicode.Scalar { Unicode.Scalar(base + UInt32(byte))! }

    fileprivate static func byte(_ escape: Unicode.Scalar) -> UInt8 { UInt8(truncatingIfNeeded: escape.value) }

    /// What the program was called with, after its own name.
    static var arguments: [String] {
        // Not `CommandLine.arguments`, which replaces what is not UTF-8.
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            unsafe CommandLine.unsafeArgv[index].map { unsafe String(fileName: $0) }
        }
    }
}

extension String {
    /// A name as the system gives it.
    init(fileName bytes: [UInt8]) {
        self = ""
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var position = 0
        while true {
            let length: Int
            switch parser.parseScalar(from: &iterator) {
            case .emptyInput: return
            case .valid(let encoded):
                length = encoded.count
                let scalar = Unicode.UTF8.decode(encoded)
                if FileName.isEscape(scalar) {
                    // What looks like an escape in a name has to be one.
                    for byte in bytes[position..<position + length] { unicodeScalars.append(FileName.escape(byte)) }
                } else {
                    unicodeScalars.append(scalar)
                }
            case .error(let invalid):
                length = invalid
                for byte in bytes[position..<position + length] { unicodeScalars.append(FileName.escape(byte)) }
            }
            position += length
        }
    }

    /// A name as the system gives it, with a zero at its end.
    @unsafe init(fileName pointer: UnsafePointer<CChar>) {
        var bytes: [UInt8] = []
        var next = unsafe pointer
        while unsafe next.pointee != 0 {
            bytes.append(UInt8(bitPattern: unsafe next.pointee))
            unsafe next += 1
        }
        self.init(fileName: bytes)
    }

    /// The name as the system takes it, with a zero at its end.
    var fileName: [CChar] {
        var bytes: [CChar] = []
        for scalar in unicodeScalars {
            if FileName.isEscape(scalar) {
                bytes.append(CChar(bitPattern: FileName.byte(scalar)))
            } else {
                bytes += UTF8.encode(scalar)!.map { CChar(bitPattern: $0) }
            }
        }
        return bytes + [0]
    }

    /// The folder of a path, with the slash at its end, and the name in it. Bytes are looked at, not characters: an accent
    /// after a slash is one character with it.
    var splitAtLastSlash: (folder: String, name: String) {
        let slash = utf8.lastIndex(of: UInt8(ascii: "/"))
        let end = slash.map { utf8.index(after: $0) } ?? startIndex
        return (String(self[..<end]), String(self[end...]))
    }

    var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

    /// With bytes that are not UTF-8 as Swift would write them in a string.
    var withVisibleBytes: String {
        guard unicodeScalars.contains(where: FileName.isEscape) else { return self }
        return unicodeScalars.map { scalar in
            FileName.isEscape(scalar) ? "\\x" + String(FileName.byte(scalar), radix: 16) : String(scalar)
        }.joined()
    }
}
