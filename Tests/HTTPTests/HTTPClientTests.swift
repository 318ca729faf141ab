#if HTTP
import HTTP
import HTTPTypes
import Hub
import Sync
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct HTTPClientTests {
    private struct Oops: Error {}

    /// A server that is what the test writes: handles each connection by the closure.
    private func withAnswers(
        handle: @escaping (TCPConnection) throws -> Void,
        body: (String) throws -> Void
    ) throws {
        try Scheduler.scope {
            let server = Server(on: try TCPListener(on: .loopback, port: 0), grace: .zero)
            server.onError = { _, _ in }
            let served = Tasklet.spawn { try server.run(handle) }
            try Tasklet.schedule()
            do {
                defer { server.stop() }
                try body("http://\(server.listener.address)")
            }
            _ = try served.value()
            #expect(try openDescriptors() == 0)
        }
    }

    private func readRequest(_ connection: TCPConnection) throws -> Bool {
        guard try connection.readLine() != nil else { return false }
        while let line = try connection.readLine(), !line.isEmpty {}
        return true
    }

    @Test func connectionsAreKept() throws {
        try withSite { (site) throws in
            let client = HTTPClient()
            for number in 1...5 {
                let answer = try client.get(site.url("/\(number)?a=b"))
                #expect(answer.status == .ok)
                #expect(try answer.body.readText(limit: 100) == "GET /\(number)?a=b \n")
                #expect(client.idleCount == 1)
            }
            #expect(site.server.connectionCount == 1)
            let posted = try client.post(site.url("/"), [:], Array("hello".utf8))
            #expect(try posted.body.readText(limit: 100) == "POST / hello\n")
            let head = try client.send(
                HTTPRequest(method: .head, scheme: "http", authority: "\(site.address)", path: "/")
            )
            #expect(head.fields[.contentLength] == "8" && head.body.length == 0)
            #expect(try head.body.readAll(limit: 0) == [])
            #expect(site.server.connectionCount == 1)
            client.close()
            #expect(client.idleCount == 0)
        }
    }

    @Test func whoAsksManyServersKeepsFewConnections() throws {
        try Scheduler.scope {
            var made: [HTTPOrigin] = []
            var streams: [MemoryStream] = []
            let client = HTTPClient { origin in
                made.append(origin)
                streams.append(MemoryStream(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)))
                return streams.last!
            }
            for number in 1...120 { _ = try client.get("http://h\(number):\(number)/") }
            #expect(client.idleCount == 100 && client.originCount == 100)
            // Those that were used last.
            #expect(streams.map { $0.isClosed.isSet } == (1...120).map { $0 <= 20 })
            #expect(made.count == 120 && made[4].description == "http://h5:5")
            client.close()
            #expect(client.idleCount == 0 && client.originCount == 0)
            #expect(streams.allSatisfy { $0.isClosed.isSet })
        }
    }

    /// A connection that cannot even be looked at is not forgotten, but closed.
    @Test func aLookThatFailsClosesTheConnection() throws {
        try Scheduler.scope { () throws -> Void in
            var streams: [MemoryStream] = []
            let client = HTTPClient(limit: 1) { _ in
                let stream = MemoryStream(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8))
                stream.end = Oops()
                stream.endsAtOnce = true
                streams.append(stream)
                return stream
            }
            _ = try client.get("http://x/")
            #expect(throws: Oops.self) { () throws -> Void in _ = try client.get("http://x/") }
            #expect(streams.map { $0.isClosed.isSet } == [true])
            _ = try client.get("http://x/")
            client.close()
        }
    }

    @Test func anAddressOfVersion6IsAHost() throws {
        try Scheduler.scope {
            let server = HTTPServer(on: try TCPListener(on: .loopback6, port: 0))
            let served = Tasklet.spawn { try server.run(echo) }
            let client = HTTPClient()
            let answer = try client.get("http://[::1]:\(server.listener.address.port)/six")
            #expect(try answer.body.readText(limit: 100) == "GET /six \n")
            client.close()
            server.stop()
            #expect(try served.value().connections == 1)
            #expect(try openDescriptors() == 0)
        }
    }

    @Test func anAnswerThatIsNotReadGivesItsConnectionUp() throws {
        try withSite { (site) throws in
            let client = HTTPClient(limit: 1)
            do { _ = try client.get(site.url("/dropped")) }
            let closed = try client.get(site.url("/closed"))
            closed.body.close()
            #expect(throws: SystemError.self) { try closed.body.read(upTo: 1) }
            let kept = try client.get(site.url("/kept"))
            // There is no second connection while the first one is in use.
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(5)) { _ = try client.get(site.url("/waits")) }
            }
            #expect(try kept.body.readText(limit: 100) == "GET /kept \n")
            #expect(try client.get(site.url("/after")).body.readText(limit: 100) == "GET /after \n")
            client.close()
        }
    }

    @Test func bodiesAreStreams() throws {
        try withSite { request, response in
            let writer = try response.begin(.ok, [:])
            try writer.write(from: request.body)
            try writer.finishWriting(trailers: [HTTPField.Name("X-Sum")!: "7"])
        } body: { (site) throws in
            let client = HTTPClient()
            let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            let (near, far) = try UnixConnection.pair()
            Tasklet {
                try near.write(sent)
                near.close()
            }
            let request = HTTPRequest(method: .put, scheme: "http", authority: "\(site.address)", path: "/")
            let answer = try client.send(request, body: far)
            #expect(answer.body.length == nil)
            #expect(try answer.body.readAll(limit: 4_000_000) == sent)
            #expect(answer.body.trailers[HTTPField.Name("X-Sum")!] == "7")
            far.close()
            // The same from memory, whose length is known.
            let whole = try client.send(request, body: sent)
            #expect(try whole.body.readAll(limit: 4_000_000) == sent)
            client.close()
        }
    }

    @Test func anAnswerMayComeBeforeTheBodyHasGone() throws {
        try withSite { _, response in
            try response.send(.contentTooLarge)
        } body: { (site) throws in
            let client = HTTPClient()
            let answer = try client.post(site.url("/"), [:], [UInt8](repeating: 1, count: 30_000_000))
            #expect(answer.status == .contentTooLarge)
            #expect(try client.get(site.url("/")).status == .contentTooLarge)
            client.close()
        }
    }

    @Test func aBodyThatFailsEndsTheRequest() throws {
        final class Failing: ByteReader {
            let readAhead = ReadAhead()
            func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { throw Oops() }
            func close() {}
        }
        try withSite { (site) throws in
            let client = HTTPClient()
            let request = HTTPRequest(method: .put, scheme: "http", authority: "\(site.address)", path: "/")
            #expect(throws: Oops.self) { () throws -> Void in _ = try client.send(request, body: Failing()) }
            #expect(client.idleCount == 0)
            while site.server.connectionCount > 0 { try Tasklet.schedule() }
            #expect(site.errors == [])
        }
    }

    /// The other side of the stream has stopped, and that is no sign that the server has.
    @Test func aSourceThatIsResetEndsTheRequest() throws {
        final class Failing: ByteReader {
            let readAhead = ReadAhead()
            func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
                throw SystemError(.connectionReset, "read")
            }
            func close() {}
        }
        try withSite { (site) throws in
            let client = HTTPClient()
            let request = HTTPRequest(method: .put, scheme: "http", authority: "\(site.address)", path: "/")
            let error = #expect(throws: SystemError.self) { () throws -> Void in
                _ = try client.send(request, body: Failing())
            }
            #expect(error?.code == .connectionReset)
            #expect(client.idleCount == 0)
        }
    }

    /// Whatever is below HTTP, as TLS: a kept connection that ends badly is not used, or its request is repeated.
    @Test(arguments: ["idle", "read", "write"])
    func aKeptConnectionMayEndWithAnErrorOfAProtocolBelow(_ place: String) throws {
        try Scheduler.scope { () throws -> Void in
            var streams: [MemoryStream] = []
            let client = HTTPClient { _ in
                let stream = MemoryStream(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8))
                stream.endsAtOnce = place == "idle"
                streams.append(stream)
                return stream
            }
            let url = "http://x/"
            #expect(try client.get(url).body.readText(limit: 2) == "ok")
            if place == "write" { streams[0].refusal = LowerError(isOfOtherSide: true) }
            streams[0].end = LowerError(isOfOtherSide: true)
            #expect(try client.get(url).body.readText(limit: 2) == "ok")
            #expect(streams.count == 2 && streams[0].isClosed.isSet)
            client.close()
        }
    }

    /// What is left of a body after an error cannot be read: its connection makes place for others.
    @Test func aBodyThatFailsGivesItsConnectionUp() throws {
        for end in [LowerError(isOfOtherSide: true), nil] {
            try Scheduler.scope { () throws -> Void in
                var answers = ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1 204 No Content\r\n\r\n"]
                let client = HTTPClient(limit: 1) { _ in
                    let stream = MemoryStream(Array(answers.removeFirst().utf8))
                    stream.end = end
                    return stream
                }
                let cut = try client.get("http://x/")
                #expect(throws: (any Error).self) { try cut.body.readAll(limit: 5) }
                let next = try client.get("http://x/")
                #expect(next.status == .noContent)
                client.close()
            }
        }
    }

    /// In the moment before the request, so that the hub has not looked outside since.
    @Test func theEndOfAKeptConnectionIsSeenAtOnce() throws {
        try Scheduler.scope { () throws -> Void in
            let listener = try TCPListener(on: .loopback, port: 0)
            let go = Event(name: "go")
            var connections = 0
            let peer = Tasklet {
                while connections < 2 {
                    let connection = try listener.accept()
                    connections += 1
                    _ = try self.readRequest(connection)
                    try connection.write("HTTP/1.1 204 No Content\r\n\r\n")
                    try go.wait()
                    connection.close()
                }
            }
            let client = HTTPClient()
            _ = try client.get("http://\(listener.address)/")
            #expect(client.idleCount == 1)
            go.set()
            try Tasklet.schedule()
            #expect(try client.post("http://\(listener.address)/", [:], []).status == .noContent)
            #expect(connections == 2)
            while peer.isAlive { try Tasklet.schedule() }
            client.close()
            listener.close()
            #expect(try openDescriptors() == 0)
        }
    }

    @Test func aKeptConnectionThatWasClosedIsNotUsed() throws {
        var requests = 0
        try withAnswers { connection in
            while try self.readRequest(connection) {
                requests += 1
                try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                if requests % 2 == 0 { return }
            }
        } body: { (url) throws in
            let client = HTTPClient()
            for _ in 1...6 {
                #expect(try client.post(url, [:], [1]).body.readText(limit: 2) == "ok")
                for _ in 1...5 { try Tasklet.schedule() }
            }
            client.close()
        }
        #expect(requests == 6)
    }

    @Test func aRequestIsRepeatedWhenItsConnectionWasClosedInThatMoment() throws {
        var connections = 0
        try withAnswers { connection in
            connections += 1
            guard try self.readRequest(connection) else { return }
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            // The second one gets no answer.
            if connections == 1 { _ = try self.readRequest(connection) }
            if connections == 2 { _ = try self.readRequest(connection) }
        } body: { (url) throws in
            let client = HTTPClient()
            #expect(try client.get(url).body.readText(limit: 2) == "ok")
            #expect(try client.get(url).body.readText(limit: 2) == "ok")
            #expect(connections == 2)
            // Not what may not be repeated.
            #expect(throws: HubError.ended(after: 0)) { () throws -> Void in _ = try client.post(url, [:], [1]) }
            client.close()
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end"),
        ("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"),
        ("HTTP/1.1 200 OK\r\nX: a \r\nY: \r\nContent-Length: 3 \r\n\r\nabc", 200, "abc"),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 1\r\n\r\na",
            201, "a"
        ),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, ""),
        ("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, "abc"),
    ])
    func answersOfAllKindsAreUnderstood(_ text: String, _ status: Int, _ body: String) throws {
        try withAnswers { connection in
            _ = try self.readRequest(connection)
            try connection.write(text)
        } body: { (url) throws in
            let answer = try HTTPClient().get(url)
            #expect(answer.status.code == status)
            #expect(try answer.body.readText(limit: 100) == body)
        }
    }

    @Test(arguments: [
        "", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", "HTTP/1.1 200 OK\nX: a\n\n",
    ])
    func nonsenseIsAnError(_ text: String) throws {
        try withAnswers { connection in
            _ = try self.readRequest(connection)
            try connection.write(text)
        } body: { (url) throws in
            let client = HTTPClient()
            #expect(throws: (any Error).self) { () throws -> Void in _ = try client.get(url) }
            #expect(client.idleCount == 0)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n", false),
    ])
    func aBodyThatIsCutIsAnError(_ text: String, _ isEnd: Bool) throws {
        try withAnswers { connection in
            _ = try self.readRequest(connection)
            try connection.write(text)
        } body: { (url) throws in
            let client = HTTPClient()
            let answer = try client.get(url)
            var error: (any Error)?
            do { _ = try answer.body.readAll(limit: 100) } catch let thrown { error = thrown }
            if isEnd {
                #expect(error as? HubError == .ended(after: 3))
            } else {
                #expect(error is HTTPError)
            }
            answer.body.close()
            #expect(client.idleCount == 0)
        }
    }

    /// The beginning of one is noticed as well, wherever the pieces end.
    @Test(arguments: [
        "Content-Length: 1\r\n\r\na", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n",
        "Content-Length: 0\r\n\r\n",
    ])
    func theBeginningOfASecondAnswerIsNotForgotten(_ fields: String) throws {
        try Scheduler.scope {
            let answer = "HTTP/1.1 200 OK\r\n\(fields)"
            for (behind, kept) in [
                ("", 1), ("\r\n", 1), ("H", 0), ("HTTP/1.1 200 OK\r\n", 0), ("HTTP/1.1 200 OK\r\nX: y\r\nZ", 0),
            ] {
                for first in 1...answer.utf8.count {
                    var sizes = [first]
                    let client = HTTPClient { _ in
                        MemoryStream(Array((answer + behind).utf8)) { sizes.isEmpty ? .max : sizes.removeFirst() }
                    }
                    _ = try client.get("http://x/").body.readAll(limit: 1)
                    // What was not read with the end of the answer is looked for when the next request comes.
                    if first < answer.utf8.count {
                        #expect(client.idleCount == kept, "\(behind.debugDescription), \(first)")
                    }
                    client.close()
                }
            }
        }
    }

    /// What follows an answer without a request is no answer to the next one.
    @Test func aSecondAnswerIsNotTakenForTheNextOne() throws {
        try withAnswers { connection in
            while try self.readRequest(connection) {
                try connection.write(
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
                )
            }
        } body: { (url) throws in
            let client = HTTPClient()
            #expect(try client.get(url).body.readText(limit: 4) == "a")
            #expect(try client.get(url).body.readText(limit: 4) == "a")
            client.close()
        }
    }

    @Test(arguments: [
        "", "127.0.0.1", "ftp://x/", "http://", "http:///a", "http://x:y/", "http://x:99999/", "http://x/a b",
        "http://a@x/", "http://::1/", "http://::1:80/", "http://[::1/", "http://[::1]x/", "http://x/\r\nX: y",
        "https://x/",
    ])
    func whatIsNoURLIsRefused(_ text: String) throws {
        try Scheduler.scope {
            let error = #expect(throws: HTTPError.self) { () throws -> Void in _ = try HTTPClient().get(text) }
            guard case .notAnAddress? = error else {
                Issue.record("\(text): \(String(describing: error))")
                return
            }
        }
    }
}
#endif
