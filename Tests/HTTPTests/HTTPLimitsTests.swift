#if HTTP
import HTTP
import HTTPTypes
import Hub
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct HTTPLimitsTests {
    private func limits(_ change: (inout HTTPLimits) -> Void) -> HTTPLimits {
        var limits = HTTPLimits()
        change(&limits)
        return limits
    }

    @Test func aHeadIsLimited() throws {
        try withSite(
            limits {
                $0.headBytes = 1000
                $0.fieldCount = 10
            }
        ) { (site) throws in
            let long = String(repeating: "a", count: 2000)
            let host = "Host: x\r\n"
            #expect(statuses(try site.exchange("GET /\(long) HTTP/1.1\r\n\(host)\r\n")) == [414])
            #expect(statuses(try site.exchange("GET / HTTP/1.1\r\n\(host)X: \(long)\r\n\r\n")) == [431])
            #expect(statuses(try site.exchange("GET / HTTP/1.1\r\n\(host)\(long): x\r\n\r\n")) == [431])
            let many = (1...20).map { "X\($0): y\r\n" }.joined()
            #expect(statuses(try site.exchange("GET / HTTP/1.1\r\n\(host)\(many)\r\n")) == [431])
            let fat = (1...9).map { "X\($0): \(String(repeating: "y", count: 200))\r\n" }.joined()
            #expect(statuses(try site.exchange("GET / HTTP/1.1\r\n\(host)\(fat)\r\n")) == [431])
            // What has no field is counted as well.
            let spaces = String(repeating: " ", count: 200_000)
            #expect(statuses(try site.exchange("GET / HTTP/1.1\r\n\(host)X:\(spaces)y\r\n\r\n")) == [431])
            let lines = String(repeating: "\r\n", count: 100_000)
            #expect(statuses(try site.exchange("\(lines)GET / HTTP/1.1\r\n\(host)\r\n")) == [431])
            #expect(statuses(try site.exchange("GET / HTTP/1.1\r\n\(host)\r\n")) == [200])
        }
    }

    @Test func framingOfABodyIsLimited() throws {
        try withSite(
            limits {
                $0.headBytes = 1000
                $0.fieldCount = 10
            }
        ) { (site) throws in
            let post = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            let small = String(repeating: "1\r\na\r\n", count: 5000)
            #expect(statuses(try site.exchange("\(post)\(small)0\r\n\r\n")) == [200])
            let extensions = String(repeating: "1;\(String(repeating: "x", count: 500))\r\na\r\n", count: 500)
            #expect(statuses(try site.exchange("\(post)\(extensions)0\r\n\r\n")) == [431])
            let trailers = (1...20).map { "X\($0): y\r\n" }.joined()
            #expect(statuses(try site.exchange("\(post)0\r\n\(trailers)\r\n")) == [431])
        }
    }

    @Test func aBodyIsAsLongAsTheHandlerWants() throws {
        try withSite { request, response in
            try response.send(.ok, [:], "\(try request.body.readAll(limit: 10).count)")
        } body: { (site) throws in
            let post = { (count: Int) in
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(count)\r\n\r\n" + String(repeating: "b", count: count)
            }
            #expect(statuses(try site.exchange(post(10) + post(11) + post(1))) == [200, 413, 200])
            let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            #expect(statuses(try site.exchange(chunked + "b\r\nbbbbbbbbbbb\r\n0\r\n\r\n" + post(1))) == [413, 200])
            #expect(site.errors == [])
        }
    }

    @Test func aSlowHeadIsCut() throws {
        try withSite(limits { $0.headTime = .milliseconds(20) }) { (site) throws in
            let client = try site.connect()
            try client.write("GET / HTTP/1.1\r\nHo")
            let text = String(decoding: try client.readAll(), as: UTF8.self)
            #expect(statuses(text) == [408] && text.contains("Connection: close"))
            client.close()
            // One that sends a byte now and then gains nothing by that.
            let dripping = try site.connect()
            let answer = Tasklet.spawn { try dripping.readAll() }
            do {
                for byte in "GET /" + String(repeating: "a", count: 10_000) {
                    try dripping.write(String(byte))
                    try Tasklet.sleep(for: .milliseconds(1))
                }
            } catch is SystemError {}
            #expect(statuses(String(decoding: (try? answer.value()) ?? [], as: UTF8.self)) == [408])
            dripping.close()
        }
    }

    /// Also one that has begun together with the request in front of it.
    @Test func aSlowHeadBehindAnotherRequestIsCut() throws {
        try withSite(limits { $0.headTime = .milliseconds(20) }) { (site) throws in
            let client = try site.connect()
            try client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n")
            #expect(statuses(String(decoding: try client.readAll(), as: UTF8.self)) == [200, 408])
            client.close()
        }
    }

    @Test func aSilentClientIsLetGo() throws {
        try withSite(limits { $0.idleTime = .milliseconds(20) }) { (site) throws in
            let client = try site.connect()
            #expect(try client.readAll() == [])
            client.close()
            let second = try site.connect()
            try second.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let text = String(decoding: try second.readAll(), as: UTF8.self)
            #expect(statuses(text) == [200])
            second.close()
            #expect(site.errors == [])
        }
    }

    @Test func aSlowBodyIsCut() throws {
        try withSite(limits { $0.bodyTime = .milliseconds(20) }) { (site) throws in
            let client = try site.connect()
            try client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
            let text = String(decoding: try client.readAll(), as: UTF8.self)
            #expect(statuses(text) == [408])
            client.close()
            #expect(site.errors == [])
        }
    }

    @Test func aSlowReaderIsCut() throws {
        var error: (any Error)?
        try withSite(limits { $0.writeTime = .milliseconds(20) }) { _, response in
            do {
                try response.send(.ok, [:], [UInt8](repeating: 1, count: 20_000_000))
            } catch let thrown {
                error = thrown
                throw thrown
            }
        } body: { (site) throws in
            let client = try site.connect()
            try client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            while site.server.connectionCount == 0 { try Tasklet.schedule() }
            while site.server.connectionCount > 0 { try Tasklet.sleep(for: .milliseconds(1)) }
            client.close()
            #expect(site.errors == [])
        }
        #expect(error as? HTTPError == .tooSlow("to read what is sent to it"))
    }

    @Test func theClientLimitsAnswers() throws {
        try withSite { _, response in
            try response.send(.ok, [HTTPField.Name("X-Long")!: String(repeating: "x", count: 2000)], "body")
        } body: { (site) throws in
            let client = HTTPClient(limits: limits { $0.headBytes = 1000 })
            let error = #expect(throws: HTTPError.self) { () throws -> Void in _ = try client.get(site.url("/")) }
            #expect(error == .headTooLarge(limit: 1000))
            let other = HTTPClient()
            let answer = try other.get(site.url("/"))
            #expect(throws: HTTPError.bodyTooLong(limit: 3)) { try answer.body.readAll(limit: 3) }
            #expect(try answer.body.readText(limit: 4) == "body")
            other.close()
        }
    }
}
#endif
