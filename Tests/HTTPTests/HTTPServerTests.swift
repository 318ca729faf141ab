#if HTTP
import HTTP
import HTTPTypes
import Hub
import Sync
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct HTTPServerTests {
    private struct Oops: Error {}

    @Test func anAnswerHasLengthAndDate() throws {
        try withSite { (site) throws in
            let text = try site.exchange("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(text.hasSuffix("\r\n\r\nGET /a?b=c \n"))
            #expect(text.contains("\r\nContent-Length: 12\r\n"))
            #expect(text.contains(#/\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/#))
            #expect(!text.contains("Connection:"))
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        try withSite { (site) throws in
            let requests = (1...3).map { "POST /\($0) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nb\($0)" }
            let text = try site.exchange(requests.joined())
            #expect(statuses(text) == [200, 200, 200])
            let bodies = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("POST") }
            #expect(bodies == ["POST /1 b1", "POST /2 b2", "POST /3 b3"])
        }
    }

    @Test func chunksAndTrailersArrive() throws {
        var trailers: [String?] = []
        var lengths: [Int?] = []
        try withSite { request, response in
            let body = try request.body.readText(limit: 100)
            trailers.append(request.body.trailers[HTTPField.Name("X-Sum")!])
            lengths.append(request.body.length)
            try response.send(.ok, [:], body)
        } body: { (site) throws in
            let text = try site.exchange(
                "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5;name=value\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 6\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            #expect(statuses(text) == [200, 200])
            #expect(text.contains("\r\n\r\nhello!HTTP/1.1"))
        }
        #expect(trailers == ["6", nil])
        #expect(lengths == [nil, 0])
    }

    @Test func anOldClientIsUnderstood() throws {
        try withSite { request, response in
            if request.path == "/pieces" {
                let writer = try response.begin()
                try writer.write("one ")
                try writer.write("two")
            } else {
                try echo(request, response)
            }
        } body: { (site) throws in
            let once = try site.exchange("GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n")
            #expect(statuses(once) == [200] && once.contains("Connection: close\r\n"))
            let twice = try site.exchange(
                "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /pieces HTTP/1.0\r\n\r\n"
            )
            #expect(statuses(twice) == [200, 200] && twice.contains("Connection: keep-alive\r\n"))
            #expect(twice.hasSuffix("Connection: close\r\n\r\none two"))
        }
    }

    @Test func thereIsNoBodyWhereHTTPKnowsNone() throws {
        try withSite { request, response in
            switch request.path {
            case "/204": try response.send(.noContent, [:], "no")
            case "/304": try response.send(.notModified, [:], "no")
            case "/pieces": try response.begin().write("no")
            default: try response.send(.ok, [:], "no")
            }
        } body: { (site) throws in
            let text = try site.exchange(
                ["GET /204", "GET /304", "HEAD /pieces", "HEAD /"].map { "\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
            )
            #expect(statuses(text) == [204, 304, 200, 200])
            #expect(!text.contains("no\r") && text.hasSuffix("Content-Length: 2\r\n\r\n"))
            #expect(text.matches(of: #/Content-Length/#).count == 1)
        }
    }

    @Test func aBodyIsAskedForWhenItIsRead() throws {
        try withSite { request, response in
            if request.path == "/refused" { return try response.send(.forbidden) }
            try echo(request, response)
        } body: { (site) throws in
            let client = try site.connect()
            let head = " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
            try client.write("POST /" + head)
            #expect(try client.readLine() == "HTTP/1.1 100 Continue")
            #expect(try client.readLine() == "")
            try client.write("body")
            #expect(try client.readLine() == "HTTP/1.1 200 OK")
            while try client.readLine() != "" {}
            #expect(try client.readLine() == "POST / body")
            // Not asked for: it may come nevertheless or not, so the connection cannot go on.
            try client.write("POST /refused" + head)
            let rest = String(decoding: try client.readAll(), as: UTF8.self)
            #expect(statuses(rest) == [403] && rest.contains("Connection: close"))
            client.close()
            #expect(statuses(try site.exchange("GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n")) == [417])
        }
    }

    @Test func whatIsNotReadIsThrownAwayUpToALimit() throws {
        var limits = HTTPLimits()
        limits.drainedBytes = 10_000
        try withSite(limits) { _, response in
            try response.send()
        } body: { (site) throws in
            func post(_ count: Int) -> String {
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(count)\r\n\r\n" + String(repeating: "b", count: count)
            }
            #expect(statuses(try site.exchange(post(9000) + post(9000) + post(1))) == [200, 200, 200])
            let text = try site.exchange(post(11_000) + post(1))
            #expect(statuses(text) == [200] && text.contains("Connection: close"))
            let chunks = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            let piece = "1000\r\n" + String(repeating: "c", count: 4096) + "\r\n"
            #expect(statuses(try site.exchange(chunks + piece + piece + "0\r\n\r\n" + post(1))) == [200, 200])
            #expect(statuses(try site.exchange(chunks + piece + piece + piece + "0\r\n\r\n" + post(1))) == [200])
        }
    }

    @Test func aHandlerThatThrowsAnswers500() throws {
        try withSite { request, response in
            switch request.path {
            case "/before": throw Oops()
            case "/silent": return
            case "/after":
                let writer = try response.begin()
                try writer.write("part")
                throw Oops()
            case "/short": try response.begin(.ok, [.contentLength: "5"]).write("four")
            case "/negative": _ = try response.begin(.ok, [.contentLength: "-5"])
            case "/words": _ = try response.begin(.ok, [.contentLength: "five"])
            case "/long": try response.begin(.ok, [.contentLength: "3"]).write("four")
            default: try response.send()
            }
        } body: { (site) throws in
            let get: (String) -> String = { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }
            #expect(statuses(try site.exchange(get("/before") + get("/silent") + get("/"))) == [500, 500, 200])
            #expect(statuses(try site.exchange(get("/negative") + get("/words") + get("/"))) == [500, 500, 200])
            let cut = try site.exchange(get("/after") + get("/"))
            #expect(statuses(cut) == [200] && cut.hasSuffix("4\r\npart\r\n"))
            #expect(try site.exchange(get("/short") + get("/")).hasSuffix("\r\n\r\nfour"))
            #expect(try site.exchange(get("/long") + get("/")).hasSuffix("\r\n\r\n"))
            #expect(site.errors.count == 7)
            #expect(site.errors.first?.hasSuffix("GET /before: Oops()") == true)
            #expect(site.errors.first?.hasPrefix("connection with 127.0.0.1:") == true)
            #expect(site.errors.contains { $0.contains("without an answer: call send or begin") })
        }
    }

    @Test func aClientThatLeavesIsNoError() throws {
        try withSite { (site) throws in
            let client = try site.connect()
            try client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
            client.close()
            let rude = try site.connect()
            try rude.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
            rude.reset()
            let early = try site.connect()
            try early.write("GET / HT")
            early.close()
            #expect(statuses(try site.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")) == [200])
            while site.server.connectionCount > 0 { try Tasklet.schedule() }
            #expect(site.errors == [])
        }
    }

    @Test func theHandlerMayTakeTheConnection() throws {
        try withSite { request, response in
            if request.path == "/426" { return try response.send(.upgradeRequired, [.upgrade: "shout"]) }
            guard request.fields[.upgrade] == "shout" else { return try response.send(.ok, [:], "plain") }
            let stream = try response.upgrade(to: "shout", [HTTPField.Name("X-Key")!: "1"])
            while let line = try stream.readLine() { try stream.write("\(line)!\n") }
        } body: { (site) throws in
            let upgrade = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n"
            let text = try site.exchange(upgrade + "ahead\nand more\n")
            #expect(text.hasPrefix("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shout\r\n"))
            #expect(text.hasSuffix("X-Key: 1\r\n\r\nahead!\nand more!\n"))
            let asked = try site.exchange("GET /426 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(asked.contains("\r\nUpgrade: shout\r\n") && asked.contains("\r\nConnection: Upgrade\r\n"))
            // One that is not granted is an answer as usual, the last one.
            let refused = try site.exchange(upgrade.replacing("shout", with: "other"))
            #expect(statuses(refused) == [200] && refused.contains("Connection: close"))
        }
    }

    /// `Upgrade` is for the next server only, which `Connection` tells, and unknown in HTTP/1.0: elsewhere it is ignored.
    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: shout\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUpgrade: shout\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: no-upgrade\r\nUpgrade: shout\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive, upgrade\r\nUpgrade: shout\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n\r\n",
    ])
    func anUpgradeThatIsNotAskedForIsNotGranted(_ text: String) throws {
        try withSite { request, response in
            #expect(request.fields[.upgrade] == nil)
            _ = try response.upgrade(to: "shout")
        } body: { (site) throws in
            #expect(statuses(try site.exchange(text)) == [500])
            #expect(site.errors.count == 1 && site.errors[0].contains("look for the field Upgrade"))
        }
    }

    @Test(arguments: ["keep-alive, Upgrade", "UPGRADE", "upgrade ,\tkeep-alive", "x,upgrade"])
    func anUpgradeMayBeOneOptionOfMany(_ option: String) throws {
        try withSite { request, response in
            let stream = try response.upgrade(
                to: "echo",
                [.contentLength: "3", .connection: "close", .upgrade: "more"]
            )
            try stream.write(from: stream)
        } body: { (site) throws in
            let text = try site.exchange(
                "GET / HTTP/1.1\r\nHost: x\r\nConnection: \(option)\r\nUpgrade: echo\r\n\r\nback"
            )
            #expect(text == "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nback")
        }
    }

    @Test func anUpgradeBehindALargeBodyIsRefused() throws {
        var limits = HTTPLimits()
        limits.drainedBytes = 10
        try withSite(limits) { _, response in
            _ = try response.upgrade(to: "echo")
        } body: { (site) throws in
            let text = try site.exchange(
                "POST / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\nContent-Length: 20\r\n\r\n"
                    + String(repeating: "b", count: 20)
            )
            #expect(statuses(text) == [413])
        }
    }

    /// What a handler throws for others is no fault of its client.
    @Test(arguments: ["/tooLong", "/cancelled"]) func errorsOfOthersAreTold(_ path: String) throws {
        try withSite { request, response in
            if request.path == "/tooLong" { throw HTTPError.bodyTooLong(limit: 1) }
            let other = Tasklet.spawn { try Event(name: "never").wait() }
            other.tasklet?.cancel()
            _ = try other.value()
        } body: { (site) throws in
            #expect(statuses(try site.exchange("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")) == [500])
            #expect(site.errors.count == 1)
        }
    }

    @Test func theTargetMayBeAWholeURL() throws {
        try withSite { request, response in
            try response.send(.ok, [:], "\(request.head.authority ?? "none") \(request.path)")
        } body: { (site) throws in
            let whole = try site.exchange("GET http://other:81/a?b HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(whole.hasSuffix("\r\n\r\nother:81 /a?b"))
            #expect(try site.exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("\r\n\r\nx *"))
            #expect(statuses(try site.exchange("GET * HTTP/1.1\r\nHost: x\r\n\r\n")) == [400])
            #expect(statuses(try site.exchange("GET relative HTTP/1.1\r\nHost: x\r\n\r\n")) == [400])
        }
    }

    /// A client must not be able to end the process by what it makes a handler do.
    @Test func aSecondAnswerIsAnError() throws {
        try withSite { request, response in
            if request.path == "/pieces" {
                try response.begin().write("part")
            } else {
                try response.send(.ok, [:], "once")
            }
            try response.send(.ok, [:], "twice")
        } body: { (site) throws in
            #expect(try site.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("\r\n\r\nonce"))
            #expect(try site.exchange("GET /pieces HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("4\r\npart\r\n"))
            #expect(site.errors.count == 2)
            #expect(site.errors.allSatisfy { $0.contains("call send, begin or upgrade once for each") })
        }
    }

    @Test func aHandlerMayAnswerAnErrorOfItsAnswer() throws {
        var errors: [any Error] = []
        let left = Event(name: "client left")
        try withSite { request, response in
            do {
                if request.path == "/body" { try response.begin().write(from: request.body) }
                try left.wait()
                try response.send(.ok, [:], [UInt8](repeating: 1, count: 20_000_000))
            } catch {
                errors.append(error)
                do { try response.send(.internalServerError) } catch { errors.append(error) }
            }
        } body: { (site) throws in
            let client = try site.connect()
            try client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            while site.server.connectionCount < 1 { try Tasklet.schedule() }
            for _ in 1...10 { try Tasklet.schedule() }
            client.reset()
            left.set()
            while site.server.connectionCount > 0 { try Tasklet.schedule() }
            #expect((errors.first as? SystemError).map { $0.code != .closed } == true)
            #expect((errors.last as? SystemError)?.code == .closed && errors.count == 2)
            // One that leaves in its body, while the answer goes out.
            errors = []
            let half = try site.connect()
            try half.write("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
            #expect(try half.readLine() == "HTTP/1.1 200 OK")
            try half.finishWriting()
            while site.server.connectionCount > 0 { try Tasklet.schedule() }
            half.close()
            #expect(errors.count == 2 && errors.last as? HTTPError == .answeredTwice)
        }
    }
}
#endif
