import Foundation
import TestSupport
import Testing

/// The hub's types stand on `Ports`: no other file calls the system. So they run on any other implementation of it.
@Suite(.hangAlarm) struct SeamTests {
    @Test func onlyThePortsCallTheSystem() throws {
        let hub = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Hub").standardized
        let found = try #require(FileManager.default.enumerator(atPath: hub.path))
        let files = found.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") && !$0.hasPrefix("Ports/") }
        #expect(files.count > 10)
        let calls =
            #/\b(import (Glibc|Foundation|Dispatch|NIO\w*)|(socket|descriptor|poll|file|child|names?|signal)_\w+\(|clock_now\(|ContinuousClock\.|SystemRandomNumberGenerator|errno\b)/#
        for file in files.sorted() {
            let text = try String(contentsOf: hub.appending(path: file), encoding: .utf8)
            for line in text.split(separator: "\n") where !line.drop(while: \.isWhitespace).hasPrefix("//") {
                let found = line.matches(of: calls).map { String($0.0) }.filter {
                    !Self.allowed[file, default: []].contains($0)
                }
                #expect(found.isEmpty, "\(file): \(line)")
            }
        }
    }

    /// Texts and layouts of the system, which do nothing.
    private static let allowed: [String: Set<String>] = [
        "SystemError.swift": ["descriptor_error_text("], "SocketAddress.swift": ["socket_address("],
    ]
}
