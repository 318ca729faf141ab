#if TLS
import Foundation
import Hub
import TLS
import Tasklets
import TestSupport
import Testing

/// What the fuzzer of TLS begins with, and what it has found: see `make fuzz-tls`.
@Suite(.hangAlarm) struct CorpusTests {
    @Test func eachInputIsAnErrorInWords() throws {
        let certificates = try Certificates.shared.get()
        let folder = try #require(Bundle.module.url(forResource: "Corpus", withExtension: nil))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count > 20)
        try Scheduler.scope {
            let client = try certificates.client(as: "client", ["h2", "http/1.1"])
            let server = try certificates.server(clients: certificates.authority, ["h2", "http/1.1"])
            for name in names {
                let input = [UInt8](try Data(contentsOf: folder.appending(path: name)))
                // As the fuzzer has it: the first byte says which side, and in which pieces.
                let (near, far) = MemoryStream.pair(inPiecesOf: [1, 7, 100, 65_536][Int(input[0] >> 1 & 3)])
                try far.write(Array(input[1...]))
                far.finishWriting()
                let error = #expect(throws: TLSError.self, "\(name)") {
                    if input[0] & 1 == 0 {
                        _ = try TLSStream.server(over: near, server).readAll()
                    } else {
                        _ = try TLSStream.client(over: near, host: "localhost", client).readAll()
                    }
                }
                #expect(error.map { "\($0)" }?.hasSuffix(".") == true, "\(name)")
            }
        }
    }
}
#endif
