#if HTTP
import Foundation
import HTTP
import HTTPTypes
import Hub
import Tasklets
import TestSupport
import Testing

/// Clients and servers of others.
@Suite(.hangAlarm) struct HTTPPeerTests {
    private func curl(_ arguments: String..., input: String? = nil) throws -> String {
        let program = try Tool.named("curl").path
        return try run([program, "--silent", "--show-error", "--max-time", "60"] + arguments, input: input).output
    }

    @Test func curlAsks() throws {
        try withSite { (site) throws in
            #expect(try curl(site.url("/a?b")) == "GET /a?b \n")
            #expect(try curl("--data", "body", site.url("/")) == "POST / body\n")
            #expect(try curl("--http1.0", "--include", site.url("/")).contains("Connection: close"))
            #expect(try curl("--head", site.url("/")).hasSuffix("Content-Length: 8\r\n\r\n"))
            let twice = try curl("--write-out", "%{num_connects}\n", site.url("/1"), site.url("/2"))
            #expect(twice == "GET /1 \n1\nGET /2 \n0\n")
            #expect(try curl("--http2", site.url("/")) == "GET / \n")
            #expect(try curl("--upload-file", "-", site.url("/up"), input: "chunked") == "PUT /up chunked\n")
            #expect(site.errors == [])
        }
    }

    @Test func curlSendsMuch() throws {
        try withSite { request, response in
            var sum = 0
            while case let piece = try request.body.read(upTo: 65_536), !piece.isEmpty { sum += piece.count }
            try response.send(.ok, [:], "\(sum) \(request.fields[.expect] ?? "-") \(request.body.length ?? -1)")
        } body: { (site) throws in
            let text = String(repeating: "x", count: 3_000_000)
            // curl waits for "100 Continue" before it sends that much.
            #expect(try curl("--data-binary", "@-", site.url("/"), input: text) == "3000000 100-continue 3000000")
            #expect(try curl("--upload-file", "-", site.url("/"), input: text) == "3000000 100-continue -1")
        }
    }

    @Test func wrkGetsTheRightAnswers() throws {
        let program = try Tool.named("wrk").path
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "wrk-\(ProcessInfo.processInfo.processIdentifier)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appending(path: "check.lua")
        try """
        wrong = 0
        function setup(thread) t = thread end
        function response(status, headers, body)
            if status ~= 200 or body ~= "GET /x \\n" then wrong = wrong + 1 end
        end
        function done(summary, latency, requests)
            local e = summary.errors
            io.write(string.format("%d wrong %d errors", t:get("wrong"), e.connect + e.read + e.write + e.status + e.timeout))
        end
        """.write(to: script, atomically: true, encoding: .utf8)
        try withSite { (site) throws in
            let result = try run([program, "-t1", "-c20", "-d1s", "-s", script.path, site.url("/x")])
            #expect(result.output.contains("0 wrong 0 errors"), "\(result.output)")
            let requests = result.output.firstMatch(of: #/(\d+) requests in/#).flatMap { Int($0.1) }
            #expect(requests ?? 0 > 0, "\(result.output)")
            #expect(site.errors == [])
        }
    }

    @Test func pythonAsks() throws {
        let program = try Tool.named("python3").path
        try withSite { (site) throws in
            let script = """
                import http.client
                c = http.client.HTTPConnection("\(site.address)")
                def ask(*a, **k):
                    c.request(*a, **k)
                    print(c.getresponse().read().decode(), end="")
                ask("GET", "/a")
                ask("POST", "/b", body="text")
                ask("PUT", "/c", body=iter([b"one ", b"two"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
                ask("HEAD", "/d")
                ask("GET", "/e")
                """
            let output = try run([program, "-c", script]).output
            #expect(output == "GET /a \nPOST /b text\nPUT /c one two\nGET /e \n")
            #expect(site.errors == [])
        }
    }

    /// A session of requests, which keeps its connections and sends what a generator gives in chunks.
    @Test func requestsAsks() throws {
        // Debian's python, which has the package python3-requests, whatever other one is in the PATH.
        let program = "/usr/bin/python3"
        try withSite { (site) throws in
            let script = """
                import requests
                with requests.Session() as session:
                    for number in range(3):
                        print(session.get("\(site.url("/a"))", timeout=60).text, end="")
                    print(session.post("\(site.url("/b"))", json={"key": "ü"}, timeout=60).text, end="")
                    print(session.put("\(site.url("/c"))", data=iter([b"one ", b"two"]), timeout=60).text, end="")
                    with session.get("\(site.url("/d"))", stream=True, timeout=60) as answer:
                        print(b"".join(answer.iter_content(3)).decode(), end="")
                """
            let output = try run([program, "-c", script]).output
            #expect(output == "GET /a \nGET /a \nGET /a \nPOST /b {\"key\": \"\\u00fc\"}\nPUT /c one two\nGET /d \n")
            #expect(site.errors == [])
        }
    }

    /// Runs a server of others, which needs a port and a folder with a file, until the body has ended.
    private func withPeer(command: (UInt16, URL) throws -> [String], body: (HTTPClient, String) throws -> Void)
        throws
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "http-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let content = String(repeating: "0123456789\n", count: 100_000)
        try content.write(to: folder.appending(path: "file.txt"), atomically: true, encoding: .utf8)
        try Scheduler.scope {
            let probe = try TCPListener(on: .loopback, port: 0)
            let address = probe.address
            probe.close()
            let child = try ChildProcess(
                command(address.port, folder),
                folder: folder.path,
                input: .null,
                output: .null,
                errors: .null,
                hasGroup: true
            )
            defer { withCancellationShield { _ = try? child.terminate() } }
            while true {
                do {
                    try TCPConnection.connect(to: address).close()
                    break
                } catch let error as SystemError where error.code == .connectionRefused {
                    if let status = child.exitStatus { fatalError("the server has ended: \(status)") }
                    try Tasklet.sleep(for: .milliseconds(5))
                }
            }
            let client = HTTPClient()
            let url = "http://\(address)"
            #expect(try client.get(url + "/file.txt").body.readText(limit: 2_000_000) == content)
            let missing = try client.get(url + "/missing")
            #expect(missing.status == .notFound)
            _ = try missing.body.readAll(limit: 100_000)
            let head = try client.send(
                HTTPRequest(method: .head, scheme: "http", authority: "\(address)", path: "/file.txt")
            )
            #expect(head.status == .ok && head.fields[.contentLength] == "1100000")
            try body(client, url)
            client.close()
        }
    }

    @Test func pythonAnswers() throws {
        let program = try Tool.named("python3").path
        try withPeer { port, _ in
            [program, "-m", "http.server", "\(port)", "--bind", "127.0.0.1"]
        } body: {
            (client, _) throws in
            // It closes each connection.
            #expect(client.idleCount == 0)
        }
    }

    @Test func nginxAnswers() throws {
        let program = try Tool.named("nginx").path
        try withPeer { port, folder in
            let configuration = folder.appending(path: "nginx.conf")
            try """
            daemon off; master_process off; pid \(folder.path)/pid; error_log /dev/null;
            events {}
            http {
                access_log off;
                client_body_temp_path \(folder.path)/a; proxy_temp_path \(folder.path)/b;
                fastcgi_temp_path \(folder.path)/c; uwsgi_temp_path \(folder.path)/d;
                scgi_temp_path \(folder.path)/e;
                keepalive_requests 5;
                server {
                    listen 127.0.0.1:\(port);
                    root \(folder.path);
                    location /gz { gzip on; gzip_types *; gzip_min_length 1; alias \(folder.path); }
                }
            }
            """.write(to: configuration, atomically: true, encoding: .utf8)
            return [program, "-e", "/dev/null", "-c", configuration.path]
        } body: { (client, url) throws in
            #expect(client.idleCount == 1)
            // It closes after five; each is answered nevertheless.
            for _ in 1...20 {
                let answer = try client.get(url + "/file.txt", [.range: "bytes=0-9"])
                #expect(answer.status == .partialContent)
                #expect(try answer.body.readText(limit: 100) == "0123456789")
            }
            // Compressed while it is sent: chunked.
            let zipped = try client.get(url + "/gz/file.txt", [.acceptEncoding: "gzip"])
            #expect(zipped.body.length == nil && zipped.fields[.contentEncoding] == "gzip")
            let bytes = try zipped.body.readAll(limit: 1_000_000)
            #expect(bytes.starts(with: [0x1f, 0x8b]))
            // It answers before it has read all of the body, and reads no more.
            let refused = try client.post(url + "/file.txt", [:], [UInt8](repeating: 1, count: 20_000_000))
            #expect(refused.status == .contentTooLarge)
        }
    }
}
#endif
