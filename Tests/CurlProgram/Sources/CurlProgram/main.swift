// CurlProgram ADDRESS…   fetches pages by libcurl, all at once, and prints of each how it went.
import CCurl
import Tasklets

curl_global_init(Int(CURL_GLOBAL_ALL))
let transfers = Transfers()
let addresses = CommandLine.arguments.dropFirst()
let answers = try addresses.concurrentMap(limit: 100) { address in
    do {
        let (status, body) = try transfers.get(address)
        return "\(status), \(body.count) bytes"
    } catch let failure as Transfers.Failure {
        return failure.text
    }
}
for answer in answers { print(answer) }
