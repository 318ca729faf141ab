#if HTTP
import HTTP
import HTTPTypes
import Hub
import Sync
import Tasklets
import TestSupport
import Testing

/// How waits of HTTP end: kill, cancel, time limit, close, stop.
@Suite(.hangAlarm) struct HTTPEndTests {
    @Test func stoppingClosesWhatIsIdleAndLetsTheRestEnd() throws {
        let go = Event(name: "go")
        try withSite { _, response in
            try go.wait()
            try response.send(.ok, [:], "done")
        } body: { (site) throws in
            let idle = try site.connect()
            let busy = try site.connect()
            try busy.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            while site.server.connectionCount < 2 { try Tasklet.schedule() }
            for _ in 1...10 { try Tasklet.schedule() }
            site.server.stop()
            #expect(try idle.readAll() == [])
            go.set()
            let text = String(decoding: try busy.readAll(), as: UTF8.self)
            #expect(statuses(text) == [200] && text.contains("Connection: close\r\n") && text.hasSuffix("done"))
            idle.close()
            busy.close()
        }
    }

    @Test func closingTheListenerStopsTheServer() throws {
        try withSite { (site) throws in
            let idle = try site.connect()
            while site.server.connectionCount < 1 { try Tasklet.schedule() }
            site.server.listener.close()
            #expect(try idle.readAll() == [])
            idle.close()
        }
    }

    @Test func whatIsLeftAfterTheGraceIsCut() throws {
        try Scheduler.scope {
            let site = try Site(HTTPLimits(), grace: .milliseconds(5))
            let served = Tasklet.spawn { try site.server.run { _, _ in try Event(name: "never").wait() } }
            let client = try site.connect()
            try client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            while site.server.connectionCount < 1 { try Tasklet.schedule() }
            for _ in 1...10 { try Tasklet.schedule() }
            site.server.stop()
            let report = try served.value()
            #expect(report.cut.count == 1 && report.cut.first?.contains("never") == true)
            #expect(try client.readAll() == [])
            client.close()
            #expect(try openDescriptors() == 0)
        }
    }

    /// Wherever a connection of a server waits, its server's tasklet can be ended.
    @Test(arguments: [
        "", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
        "GET /big HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
    func aServerCanBeEndedAtEachWait(_ sent: String) throws {
        for way in ["cancel", "kill", "timeout"] {
            try Scheduler.scope {
                let site = try Site(HTTPLimits(), grace: .seconds(100))
                let served = Tasklet(name: "site") {
                    try? withTimeout(way == "timeout" ? .milliseconds(10) : .seconds(1000)) {
                        _ = try site.server.run { request, response in
                            if request.path == "/big" {
                                return try response.send(.ok, [:], [UInt8](repeating: 1, count: 20_000_000))
                            }
                            try echo(request, response)
                        }
                    }
                }
                let client = try site.connect()
                try client.write(sent)
                while site.server.connectionCount < 1 { try Tasklet.schedule() }
                for _ in 1...20 { try Tasklet.schedule() }
                if way == "cancel" { served.cancel() }
                if way == "kill" { try served.kill() }
                while served.isAlive { try Tasklet.sleep(for: .milliseconds(1)) }
                client.close()
                #expect(try openDescriptors() == 0, "\(way)")
                #expect(site.errors == [])
            }
        }
    }

    /// Wherever a client waits: for a connection, its request to go out, the head, the body.
    @Test(arguments: ["connection", "request", "head", "body"])
    func aClientCanBeEndedAtEachWait(_ place: String) throws {
        for way in ["cancel", "kill", "timeout"] {
            try Scheduler.scope {
                let listener = try TCPListener(on: .loopback, port: 0)
                let peer = Tasklet(name: "peer") {
                    let connection = try listener.accept()
                    defer { connection.close() }
                    if place == "body" {
                        while let line = try connection.readLine(), !line.isEmpty {}
                        try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
                    }
                    try Event(name: "never").wait()
                }
                let client = HTTPClient(limit: 1)
                let url = "http://\(listener.address)/"
                let first = place == "connection" ? Tasklet { _ = try client.get(url) } : nil
                try Tasklet.schedule()
                var error: (any Error)?
                let tasklet = Tasklet(name: "client") {
                    do {
                        try withTimeout(way == "timeout" ? .milliseconds(10) : .seconds(1000)) {
                            let body = [UInt8](repeating: 1, count: place == "request" ? 50_000_000 : 0)
                            let answer = try client.post(url, [:], body)
                            _ = try answer.body.readAll(limit: 100)
                        }
                    } catch let thrown {
                        error = thrown
                    }
                }
                for _ in 1...50 { try Tasklet.schedule() }
                if way == "cancel" { tasklet.cancel() }
                if way == "kill" { try tasklet.kill() }
                while tasklet.isAlive {
                    try Tasklet.sleep(for: .milliseconds(1))
                }
                switch way {
                case "cancel": #expect(error is CancellationError, "\(place)")
                case "kill": #expect(error is TaskletExit, "\(place)")
                default: #expect(error is TimeoutError, "\(place)")
                }
                try first?.kill()
                try peer.kill()
                listener.close()
                client.close()
                #expect(try openDescriptors() == 0, "\(place) \(way)")
            }
        }
    }

    @Test func aHandlersOwnTimeLimitEndsItsRead() throws {
        try withSite { request, response in
            let begun = try withTimeout(.milliseconds(5), orElse: nil as String?) {
                try request.body.readText(limit: 100)
            }
            // Nothing of the body is lost by that.
            try response.send(.ok, [:], "\(begun ?? "nothing yet"), \(try request.body.readText(limit: 100))")
        } body: { (site) throws in
            let client = try site.connect()
            try client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
            try Tasklet.sleep(for: .milliseconds(20))
            try client.write("cdGET / HTTP/1.1\r\nHost: x\r\n\r\n")
            try client.finishWriting()
            let text = String(decoding: try client.readAll(), as: UTF8.self)
            #expect(text.contains("\r\n\r\nnothing yet, abcd") && statuses(text) == [200, 200])
            client.close()
        }
    }

    @Test func twoReadersOfABodyAreNamed() throws {
        var error: (any Error)?
        try withSite { request, response in
            let other = Tasklet(name: "other") { _ = try? request.body.readAll(limit: 10) }
            try Tasklet.schedule()
            do { _ = try request.body.readAll(limit: 10) } catch let thrown { error = thrown }
            while other.isAlive { try Tasklet.schedule() }
            try response.send()
        } body: { (site) throws in
            let client = try site.connect()
            try client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
            while error == nil { try Tasklet.schedule() }
            try client.write("abcd")
            #expect(try client.readLine() == "HTTP/1.1 200 OK")
            client.close()
        }
        guard case .busy? = error as? HubError else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Whatever is below HTTP: who ends a connection badly is no error of a handler, and none of the server.
    @Test(arguments: [
        "", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
    func errorsOfAProtocolBelowAreOfTheConnection(_ sent: String) throws {
        for isOfOtherSide in [true, false] {
            try Scheduler.scope {
                let stream = MemoryStream(Array(sent.utf8))
                stream.end = LowerError(isOfOtherSide: isOfOtherSide)
                stream.refusal = LowerError(isOfOtherSide: isOfOtherSide)
                let server = HTTPServer(on: MemoryListener(stream))
                var errors: [any Error] = []
                server.onError = { error, _ in errors.append(error) }
                let report = try server.run(echo)
                #expect(report.connections == 1 && report.failures == 0)
                #expect(errors.isEmpty, "\(errors)")
            }
        }
    }

    /// The end of the connection would be the end of the body.
    @Test func aBodyWithoutALengthThatIsCutIsReset() throws {
        struct Oops: Error {}
        try withSite { request, response in
            let writer = try response.begin()
            try writer.write("part")
            if request.path == "/cut" { throw Oops() }
            if request.path == "/closed" { writer.close() }
            if request.path.hasPrefix("/finished") { try writer.finishWriting() }
            if request.path == "/finished/closed" { writer.close() }
            if request.path == "/finished/failed" { throw Oops() }
        } body: { (site) throws in
            for path in ["/", "/finished", "/finished/closed", "/finished/failed"] {
                #expect(try site.exchange("GET \(path) HTTP/1.0\r\n\r\n").hasSuffix("\r\n\r\npart"))
            }
            for path in ["/cut", "/closed"] {
                let client = try site.connect()
                try client.write("GET \(path) HTTP/1.0\r\n\r\n")
                let error = #expect(throws: SystemError.self) { try client.readAll() }
                #expect(error?.code == .connectionReset, "\(path)")
                client.close()
            }
        }
    }

    /// What a client has sent behind its last request does not take the answer to that back.
    @Test func theLastAnswerArrives() throws {
        try withSite { _, response in
            try response.send(.ok, [.connection: "close"], [UInt8](repeating: 1, count: 3_000_000))
        } body: { (site) throws in
            let client = try site.connect()
            let sent =
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
                + String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 2000)
            try client.write(sent)
            #expect(try client.readAll().count > 3_000_000)
            client.close()
        }
    }

    /// A protocol below may not get its last word out: that is no wait without an end.
    @Test func lingeringHasAnEnd() throws {
        try Scheduler.scope {
            let stream = MemoryStream(Array("nonsense\r\n\r\n".utf8))
            stream.finishes = false
            let server = HTTPServer(on: MemoryListener(stream))
            try server.run(echo)
            #expect(statuses(String(decoding: stream.written, as: UTF8.self)) == [501])
        }
    }

    @Test func twoWritersOfABodyAreNamed() throws {
        var error: (any Error)?
        try withSite { request, response in
            let writer = try response.begin()
            let other = Tasklet(name: "other") {
                _ = try? writer.write([UInt8](repeating: UInt8(ascii: "a"), count: 9_000_000))
            }
            while !other.isBlocked { try Tasklet.schedule() }
            do { try writer.write("b") } catch let thrown { error = thrown }
            if request.path == "/left" { return }
            while other.isAlive { try Tasklet.schedule() }
            try writer.write("c")
        } body: { (site) throws in
            let client = HTTPClient()
            let whole = try client.get(site.url("/"))
            let bytes = try whole.body.readAll(limit: 10_000_000)
            #expect(bytes.count == 9_000_001 && bytes.last == UInt8(ascii: "c"))
            guard case .busy? = error as? HubError else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(site.errors == [])
            // One that still writes when the handler returns.
            let cut = try client.get(site.url("/left"))
            #expect(throws: HubError.self) { try cut.body.readAll(limit: 10_000_000) }
            #expect(site.errors.count == 1 && site.errors[0].contains("waits there for the same"))
            client.close()
        }
    }

    /// A handler that returns while a tasklet of its own still answers: the next answer would get into this one.
    @Test func anAnswerThatStillGoesOutIsCut() throws {
        try withSite { _, response in
            let other = Tasklet(name: "other") {
                _ = try? response.send(.ok, [:], [UInt8](repeating: UInt8(ascii: "a"), count: 9_000_000))
            }
            while !other.isBlocked { try Tasklet.schedule() }
        } body: { (site) throws in
            let client = try site.connect()
            let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
            try client.write(get + get)
            while site.errors.isEmpty { try Tasklet.schedule() }
            let text = String(decoding: (try? client.readAll()) ?? [], as: UTF8.self)
            #expect(statuses(text).count <= 1)
            #expect(site.errors.count == 1 && site.errors[0].contains("waits there for the same"))
            client.close()
        }
    }
}
#endif
