#if HTTP
import Foundation
import HTTP
import HTTPTypes
import Hub
import Tasklets
import TestSupport
import Testing

/// Whatever comes, nothing traps or hangs. `make fuzz-http` looks for more, for longer.
@Suite(.hangAlarm) struct HTTPFuzzTests {
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")

    private func path(of vector: HTTPSmugglingTests.Vector) -> URL {
        Self.corpus.appending(path: vector.name.replacing(#/[^A-Za-z0-9.]+/#, with: "-") + ".request")
    }

    /// The seeds of the fuzzer, and what servers of others are asked: see Oracles. HTTP_CORPUS=write writes them anew.
    @Test func theCorpusHasEachVector() throws {
        for vector in HTTPSmugglingTests.vectors {
            if ProcessInfo.processInfo.environment["HTTP_CORPUS"] == "write" {
                try FileManager.default.createDirectory(at: Self.corpus, withIntermediateDirectories: true)
                try Data(vector.request.utf8).write(to: path(of: vector))
            }
            #expect(try Data(contentsOf: path(of: vector)) == Data(vector.request.utf8), "HTTP_CORPUS=write writes it")
        }
    }

    /// What is taken by Go or nginx for something else than by this server is in the list, and harmless; see the reasons.
    @Test func othersSeeTheSameRequests() throws {
        let file = Self.corpus.appending(path: "../Oracles/verdicts.tsv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
        var verdicts: [String: [Substring]] = [:]
        for line in lines {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            verdicts[String(columns[0])] = Array(columns.dropFirst())
        }
        for vector in HTTPSmugglingTests.vectors where vector.statuses.count == 2 {
            let name = path(of: vector).lastPathComponent
            let others = try #require(verdicts[name], "the verdicts on \(name) are missing: Oracles/record writes them")
            for (oracle, verdict) in zip(["Go", "nginx"], others) {
                // "2": both requests were seen. Else the other one refuses, which is no other reading.
                #expect(verdict == "2" || verdict == "refused", "\(name): \(oracle) sees \(verdict)")
            }
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ dice: Dice) {
        let pieces = [
            "\r\n", "\n", "\r", "\0", " ", ":", "chunked", "Content-Length: 5\r\n", "0\r\n\r\n", "\u{ff}", "ffffffff",
        ]
        for _ in 1...dice.roll(1...4) {
            let place = dice.roll(0...bytes.count)
            switch dice.roll(1...5) {
            case 1: bytes.insert(contentsOf: dice.pick(pieces).utf8, at: place)
            case 2 where place < bytes.count: bytes[place] = UInt8(dice.roll(0...255))
            case 3: bytes.removeSubrange(place..<min(bytes.count, place + dice.roll(1...8)))
            case 4 where place < bytes.count: bytes[place] ^= 1 << UInt8(dice.roll(0...7))
            default: bytes.insert(contentsOf: bytes[place...].prefix(dice.roll(1...40)), at: place)
            }
        }
    }

    /// What the fuzzer runs is a server that answers.
    @Test(arguments: HTTPSmugglingTests.vectors)
    func aServerInMemoryAnswersTheSame(_ vector: HTTPSmugglingTests.Vector) throws {
        try Scheduler.scope {
            let request = Array((vector.request + "GET /second HTTP/1.1\r\nHost: x\r\n\r\n").utf8)
            let text = String(decoding: try answer(to: request), as: UTF8.self)
            #expect(statuses(text) == vector.statuses)
        }
    }

    @Test func mutatedRequestsEndNoServer() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let dice = Dice(seed: seed)
        for round in 1...1000 {
            var bytes = Array(dice.pick(HTTPSmugglingTests.vectors).request.utf8)
            if dice.isOnce(in: 3) { bytes += Array(dice.pick(HTTPSmugglingTests.vectors).request.utf8) }
            mutate(&bytes, dice)
            let splits = dice.split()
            try Scheduler.scope {
                let whole = String(decoding: try answer(to: bytes), as: UTF8.self)
                let parts = String(
                    decoding: try answer(to: bytes) { splits.isOnce(in: 3) ? splits.roll(1...30) : 1 },
                    as: UTF8.self
                )
                // The statuses are those of the same requests; only which of two errors is told first may differ.
                #expect(
                    statuses(whole).count == statuses(parts).count
                        && statuses(whole).filter { $0 == 200 } == statuses(parts).filter { $0 == 200 },
                    "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
                )
            }
        }
    }

    @Test func mutatedAnswersEndNoClient() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let dice = Dice(seed: seed)
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\nuntil the end",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        ]
        for _ in 1...1000 {
            var bytes = Array(dice.pick(answers).utf8)
            mutate(&bytes, dice)
            let splits = dice.split()
            try Scheduler.scope {
                let client = HTTPClient { _ in MemoryStream(bytes) { splits.roll(1...30) } }
                for _ in 1...2 {
                    do {
                        let answer = try client.get("http://x/")
                        _ = try answer.body.readAll(limit: 1000)
                    } catch is HTTPError {
                    } catch is HubError {
                    } catch is SystemError {
                    }
                }
                client.close()
            }
        }
    }
}
#endif
