#if HTTP
import HTTP
import HTTPTypes
import Hub
import Tasklets
import TestSupport
import Testing

/// Requests in which one server may see something other than the next one does.
@Suite(.hangAlarm) struct HTTPSmugglingTests {
    /// The bytes of a request, and how it is answered. Behind each comes a second request, which must be answered only if the
    /// first one was.
    struct Vector: CustomTestStringConvertible {
        let name: String
        let request: String
        let statuses: [Int]

        init(_ name: String, _ request: String, _ statuses: Int...) {
            self.name = name
            self.request = request
            self.statuses = statuses
        }

        var testDescription: String { name }
    }

    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n"
    private static let post = "POST / HTTP/1.1\r\nHost: x\r\n"

    static let vectors = [
        Vector("plain", get + "\r\n", 200, 200),
        Vector("both lengths", post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX", 400),
        Vector(
            "both, the other way round",
            post + "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nX",
            400
        ),
        Vector("two lengths that differ", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        Vector("two lengths that agree", post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
        Vector("a list of lengths", post + "Content-Length: 1, 1\r\n\r\na", 400),
        Vector("a length with a sign", post + "Content-Length: +1\r\n\r\na", 400),
        Vector("a negative length", post + "Content-Length: -1\r\n\r\na", 400),
        Vector("a length in hexadecimal", post + "Content-Length: 0x1\r\n\r\na", 400),
        Vector("an empty length", post + "Content-Length: \r\n\r\n", 400),
        Vector("a length beyond all", post + "Content-Length: 99999999999999999999\r\n\r\na", 400),
        Vector("a length with spaces inside", post + "Content-Length: 1 0\r\n\r\naaaaaaaaaa", 400),
        Vector("a length in other digits", post + "Content-Length: \u{661}\r\n\r\na", 400),
        Vector(
            "chunked twice",
            post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400
        ),
        Vector("chunked, identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
        Vector("gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        Vector("a coding that is none", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
        Vector("a coding in large letters", post + "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n", 200, 200),
        Vector("a tabulator before the coding", post + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", 200, 200),
        Vector(
            "a vertical tabulator before the coding",
            post + "Transfer-Encoding: \u{B}chunked\r\n\r\n0\r\n\r\n",
            400
        ),
        Vector("a coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        Vector("spaces behind a value", get + "X: a \t \r\n\r\n", 200, 200),
        Vector("spaces and no value", get + "X: \t \r\n\r\n", 200, 200),
        Vector("a space behind the Host", "GET / HTTP/1.1\r\nHost: x \r\n\r\n", 200, 200),
        Vector("a space behind a length", post + "Content-Length: 1 \r\n\r\na", 200, 200),
        Vector("a space behind the coding", post + "Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n", 200, 200),
        Vector("a vertical tabulator behind a value", get + "X: a\u{B}\r\n\r\n", 400),
        Vector("a space before the colon", post + "Content-Length : 1\r\n\r\na", 400),
        Vector("a space before a name", post + " Content-Length: 1\r\n\r\na", 400),
        Vector("a folded value", post + "X: a\r\n b\r\n\r\n", 400),
        Vector("a folded length", post + "Content-Length:\r\n 1\r\n\r\na", 400),
        Vector("a folded coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400),
        Vector("LF alone behind a field", "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", 400),
        Vector("LF alone behind the first line", "GET / HTTP/1.1\nHost: x\r\n\r\n", 505),
        Vector("LF alone at the end", get + "\n", 400),
        Vector("CR alone in a value", get + "X: a\rb\r\n\r\n", 400),
        Vector("CR alone between fields", get + "X: a\rY: b\r\n\r\n", 400),
        Vector("NUL in a value", get + "X: a\0b\r\n\r\n", 400),
        Vector("NUL in a name", get + "X\0: a\r\n\r\n", 400),
        Vector("a name that is empty", get + ": a\r\n\r\n", 400),
        Vector("a line without a colon", get + "Xa\r\n\r\n", 400),
        Vector("a name that is no word", get + "X(y): a\r\n\r\n", 400),
        Vector("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
        Vector("two Hosts", get + "Host: y\r\n\r\n", 400),
        Vector("two Hosts that agree", get + "Host: x\r\n\r\n", 400),
        Vector("a Host with a path", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
        Vector("a Host with a user", "GET / HTTP/1.1\r\nHost: a@x\r\n\r\n", 400),
        Vector("no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 200),
        Vector("a size of a chunk that is none", post + "Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n", 400),
        Vector("a size with a sign", post + "Transfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n", 400),
        Vector("a size with 0x", post + "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n", 400),
        Vector("a size with a space", post + "Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n", 400),
        Vector(
            "a size beyond all",
            post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na\r\n0\r\n\r\n",
            400
        ),
        Vector("a chunk longer than its size", post + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400),
        Vector("a chunk that ends by LF", post + "Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n", 400),
        Vector("a size that ends by LF", post + "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n", 400),
        Vector("LF in an extension", post + "Transfer-Encoding: chunked\r\n\r\n1;x\n\r\na\r\n0\r\n\r\n", 400),
        Vector("an extension", post + "Transfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\n\r\n", 200, 200),
        Vector("zeros before a size", post + "Transfer-Encoding: chunked\r\n\r\n0001\r\na\r\n0\r\n\r\n", 200, 200),
        Vector("an empty line in front", "\r\n" + get + "\r\n", 200, 200),
        Vector("HTTP/0.9", "GET /\r\n\r\n", 505),
        Vector("HTTP/2.0", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        Vector("HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505),
        Vector("HTTP/1.10", "GET / HTTP/1.10\r\nHost: x\r\n\r\n", 505),
        Vector("small letters in the version", "GET / http/1.1\r\nHost: x\r\n\r\n", 400),
        Vector("two spaces in the first line", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 200, 200),
        Vector("a space at the end of the first line", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 505),
        Vector("a space in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        Vector("a tabulator in the first line", "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        Vector("an unknown method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        Vector("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        Vector("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0", 501),
    ]

    @Test(arguments: vectors) func oneOfTwoReadingsIsRefused(_ vector: Vector) throws {
        try withSite { (site) throws in
            let second = "GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
            let text = try site.exchange(vector.request + second)
            #expect(statuses(text) == vector.statuses, "\(text)")
            #expect(text.contains("/second") == (vector.statuses.count == 2))
            #expect(site.errors == [])
        }
    }

    /// The parser sees the same whether bytes come at once or one by one.
    @Test(arguments: vectors) func partsGiveTheSame(_ vector: Vector) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let dice = Dice(seed: seed)
        try withSite { (site) throws in
            let bytes = Array((vector.request + "GET /second HTTP/1.1\r\nHost: x\r\n\r\n").utf8)
            let connection = try site.connect()
            let reader = Tasklet.spawn { try connection.readAll() }
            do {
                var next = 0
                while next < bytes.count {
                    let count = min(dice.isOnce(in: 4) ? dice.roll(1...40) : 1, bytes.count - next)
                    try connection.write(Array(bytes[next..<next + count]))
                    next += count
                    for _ in 1...3 { try Tasklet.schedule() }
                }
                try connection.finishWriting()
            } catch is SystemError {
                // The server has answered and gone.
            }
            let answer = String(decoding: (try? reader.value()) ?? [], as: UTF8.self)
            connection.close()
            #expect(statuses(answer) == vector.statuses, "seed \(seed): \(answer)")
        }
    }
}
#endif
