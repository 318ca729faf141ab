/// A picture as a file holds it: rows from above, three bytes (red, green, blue) a pixel.
struct Picture {
    let width: Int
    let height: Int
    let pixels: [UInt8]

    /// A PNG file. The pixels are stored, not compressed.
    var png: [UInt8] {
        var rows: [UInt8] = []
        for row in 0..<height {
            rows.append(0)  // this row is given as it is, not as a difference from others
            rows += pixels[row * width * 3..<(row + 1) * width * 3]
        }
        var data: [UInt8] = [0x78, 0x01]
        for start in stride(from: 0, to: rows.count, by: 0xffff) {
            let block = rows[start..<min(start + 0xffff, rows.count)]
            data.append(block.endIndex == rows.count ? 1 : 0)
            data += littleEndian(UInt16(block.count))
            data += littleEndian(~UInt16(block.count))
            data += block
        }
        data += bigEndian(Checksum.adler32(rows))

        let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0]
        return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + chunk("IHDR", header) + chunk("IDAT", data)
            + chunk("IEND", [])
    }

    /// A BMP file.
    var bmp: [UInt8] {
        let padding = [UInt8](repeating: 0, count: (4 - width * 3 % 4) % 4)
        var rows: [UInt8] = []
        for row in (0..<height).reversed() {
            for pixel in row * width..<(row + 1) * width {
                rows += [pixels[pixel * 3 + 2], pixels[pixel * 3 + 1], pixels[pixel * 3]]
            }
            rows += padding
        }
        let headerSize = 54
        var file: [UInt8] = [UInt8(ascii: "B"), UInt8(ascii: "M")]
        file +=
            littleEndian(UInt32(headerSize + rows.count)) + littleEndian(UInt32(0)) + littleEndian(UInt32(headerSize))
        file += littleEndian(UInt32(40)) + littleEndian(UInt32(width)) + littleEndian(UInt32(height))
        file += littleEndian(UInt16(1)) + littleEndian(UInt16(24)) + littleEndian(UInt32(0))
        file += littleEndian(UInt32(rows.count))
        file += littleEndian(UInt32(2835)) + littleEndian(UInt32(2835))  // pixels a metre: 72 an inch
        file += littleEndian(UInt32(0)) + littleEndian(UInt32(0))
        return file + rows
    }

    private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let content = Array(name.utf8) + data
        return bigEndian(UInt32(data.count)) + content + bigEndian(Checksum.crc32(content))
    }

    private func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        littleEndian(number).reversed()
    }

    private func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        stride(from: 0, to: Number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

/// The two checksums of a PNG file.
private enum Checksum {
    static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        return high << 16 | low
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in table[Int((crc ^ UInt32(byte)) & 0xff)] ^ crc >> 8 }
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xedb8_8320 }
    }
}
