import HTTP
import HTTPTypes
import Hub
import Tasklets

/// What libFuzzer calls: a server gets the bytes at once and in pieces, and a client gets them as an answer.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do {
        try Scheduler.scope {
            let whole = try answer(to: bytes)
            var turn = bytes.first.map(Int.init) ?? 0
            let parts = try answer(to: bytes) {
                turn += 1
                return 1 + turn % 7
            }
            if finals(whole) != finals(parts) { fatalError("Pieces are answered otherwise than the whole.") }
            let client = HTTPClient { _ in MemoryStream(bytes) }
            for _ in 1...2 {
                do {
                    _ = try client.get("http://x/").body.readAll(limit: 1_000_000)
                } catch is HTTPError {
                } catch is HubError {
                } catch is SystemError {}
            }
            client.close()
        }
    } catch {
        fatalError("This is no error that a client may cause: \(error)")
    }
    return 0
}

/// How many answers there are that are no errors of the client's.
private func finals(_ bytes: [UInt8]) -> Int {
    let mark = Array("HTTP/1.1 200 ".utf8)
    var count = 0
    for place in bytes.indices where bytes[place...].starts(with: mark) { count += 1 }
    return count
}

/// Gives the request back, as the tests' handler does.
func echo(_ request: HTTPServerRequest, _ response: HTTPServerResponse) throws {
    let body = try request.body.readText(limit: 1_000_000)
    try response.send(.ok, [:], "\(request.method) \(request.path) \(body)\n")
}
