import Foundation
import TestSupport
import Testing

/// Libraries of others that have sockets of their own wait through the hub.
struct OtherLibraryTests {
    /// Eight transfers of libcurl are under way at once: the server answers none of them before all have asked.
    @Test func transfersOfLibcurl() throws {
        let folder = try Folder()
        try folder.copyPackage(to: "swift-tasklets")
        let program = "swift-tasklets/Tests/CurlProgram"
        try folder.runWell("swift", "build", "--scratch-path", folder.url.path + "/build", in: program)

        let server = Process()
        server.executableURL = try Tool.named("python3")
        server.arguments = ["-c", Self.server]
        let output = Pipe()
        server.standardOutput = output
        try server.run()
        defer {
            // Not SIGTERM: it is blocked in tests, and in what they start.
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        var port = ""
        while port.last != "\n" {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "the server has ended")
            port += String(decoding: more, as: UTF8.self)
        }
        port.removeLast()
        let paths = (1...7).map { "127.0.0.1:\(port)/\($0)" } + ["localhost:\(port)/eight", "127.0.0.1:\(port)/alone"]
        let result = try folder.run(
            [folder.url.path + "/build/debug/CurlProgram"] + paths.map { "http://\($0)" } + ["http://127.0.0.1:1/"]
        )
        let expected =
            Array(repeating: "200, 2000 bytes", count: 7)
            + ["200, 6000 bytes", "200, 6000 bytes", "Couldn't connect to server"]
        #expect(result.output == expected.map { $0 + "\n" }.joined(), "\(result.text)")
        #expect(result.exitCode == 0)
    }

    private static let server = """
        import http.server, threading
        together = threading.Barrier(8)
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path != "/alone": together.wait()
                body = b"x" * (1000 * len(self.path))
                self.send_response(200)
                self.send_header("Content-Length", len(body))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """
}
