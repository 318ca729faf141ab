#if HTTP
import HTTPTypes

/// Puts the heads of messages together. NIO's encoder takes 3.5 µs for an answer of three fields, most of it for the way
/// through a channel; a head is a few lines of text whose fields `HTTPTypes` has checked.
struct HeadWriter {
    private(set) var bytes: [UInt8] = []

    mutating func clear() { bytes.removeAll(keepingCapacity: bytes.capacity <= 65_536) }

    mutating func appendStatus(_ status: HTTPResponse.Status) {
        append("HTTP/1.1 ")
        append(status.code)
        append(" ")
        append(status.reasonPhrase)
        append("\r\n")
    }

    mutating func appendRequest(_ method: String, _ target: String) {
        append(method)
        append(" ")
        append(target)
        append(" HTTP/1.1\r\n")
    }

    mutating func append(_ field: HTTPField) {
        append(field.name.rawName)
        append(": ")
        unsafe field.withUnsafeBytesOfValue { unsafe bytes.append(contentsOf: $0) }
        append("\r\n")
    }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(_ body: UnsafeRawBufferPointer) { unsafe bytes.append(contentsOf: body) }

    mutating func append(_ text: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ number: Int) {
        if number < 10 { return bytes.append(UInt8(48 + number)) }
        append(number / 10)
        bytes.append(UInt8(48 + number % 10))
    }

    mutating func appendHexadecimal(_ number: Int) {
        if number >= 16 { appendHexadecimal(number / 16) }
        bytes.append(number % 16 < 10 ? UInt8(48 + number % 16) : UInt8(87 + number % 16))
    }
}
#endif
