#if TLS
import Foundation
import Hub
import TLS
import Tasklets
import TestSupport

/// Certificates of the tests, made by the program openssl: of an authority "ca", of those that it vouches for, and of others.
struct Certificates: Codable, Sendable {
    /// Made once for all tests.
    static let shared = Result { try Certificates() }

    let folder: String

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let folder = folder
        // Removed at the end of the process.
        Self.folderToRemove = strdup(folder)
        atexit {
            _ = Certificates.folderToRemove.map { try? FileManager.default.removeItem(atPath: String(cString: $0)) }
        }
        // Nobody else's tasklets run meanwhile: they may want the certificates, too.
        try Scheduler.scope { try makeAll() }
    }

    nonisolated(unsafe) private static var folderToRemove: UnsafeMutablePointer<CChar>?

    private func makeAll() throws {
        try Data("[req]\ndistinguished_name = name\n[name]\n".utf8).write(to: URL(filePath: path("config")))
        try make("ca", subject: "/CN=Test authority", ["basicConstraints=critical,CA:TRUE"], by: nil)
        try make("other-ca", subject: "/CN=Another authority", ["basicConstraints=critical,CA:TRUE"], by: nil)
        let local = ["subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"]
        try make("server", subject: "/CN=localhost", local)
        try make("rsa", subject: "/CN=localhost", local, key: ["rsa:2048"])
        // One that signs itself is signed again, for yesterday.
        try make("expired", subject: "/CN=localhost", local, by: nil)
        let expired = path("expired.pem")
        try openssl(
            ["x509", "-in", expired, "-out", expired, "-days", "-1", "-CA", path("ca.pem"), "-CAkey", path("ca.key")]
        )
        try make("elsewhere", subject: "/CN=localhost", ["subjectAltName=DNS:example.org,IP:192.0.2.1"])
        try make("nameless", subject: "/CN=localhost", ["keyUsage=digitalSignature"])
        try make("between", subject: "/CN=Authority between", ["basicConstraints=critical,CA:TRUE"])
        try make("below-between", subject: "/CN=localhost", local, by: "between")
        try make("self-signed", subject: "/CN=localhost", local, by: nil)
        try make("client", subject: "/CN=alice/O=Büro", ["extendedKeyUsage=clientAuth"])
        try make("stranger", subject: "/CN=mallory", ["extendedKeyUsage=clientAuth"], by: "other-ca")
        try openssl("pkey", "-in", path("server.key"), "-aes256", "-passout", "pass:secret", "-out", path("locked.key"))
        try Data((text("server.pem") + text("ca.pem")).utf8).write(to: URL(filePath: path("chain.pem")))
    }

    private func make(
        _ name: String,
        subject: String,
        _ extensions: [String],
        by authority: String? = "ca",
        key: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    ) throws {
        try openssl(
            ["req", "-x509", "-utf8", "-nodes", "-config", path("config"), "-subj", subject, "-days", "30"]
                + ["-newkey"] + key + ["-keyout", path("\(name).key"), "-out", path("\(name).pem")]
                + extensions.flatMap { ["-addext", $0] }
                + (authority.map { ["-CA", path("\($0).pem"), "-CAkey", path("\($0).key")] } ?? [])
        )
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func text(_ name: String) -> String { try! String(contentsOfFile: path(name), encoding: .utf8) }

    func identity(_ name: String) -> TLSIdentity {
        TLSIdentity(certificateFile: path("\(name).pem"), keyFile: path("\(name).key"))
    }

    var authority: TLSTrust { .certificates(inFile: path("ca.pem")) }

    /// A context for clients that trust the authority.
    func client(as name: String? = nil, _ applicationProtocols: [String] = []) throws -> TLSContext {
        try .client(trust: authority, identity: name.map(identity), applicationProtocols: applicationProtocols)
    }

    func server(_ name: String = "server", clients: TLSTrust? = nil, _ protocols: [String] = []) throws -> TLSContext {
        try .server(identity(name), clients: clients, applicationProtocols: protocols)
    }
}

/// Calls the program openssl.
@discardableResult
func openssl(_ arguments: String...) throws -> String { try openssl(arguments) }

@discardableResult
func openssl(_ arguments: [String]) throws -> String {
    try run([try Tool.named("openssl").path] + arguments).output
}
#endif
