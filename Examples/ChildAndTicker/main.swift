// Another program runs, and a ticker ticks meanwhile: who waits for a child lets the other tasklets run.
import Hub
import Tasklets

var ticks = 0
let ticker = Tasklet(name: "ticker") {
    while true {
        try Tasklet.sleep(for: .milliseconds(10))
        ticks += 1
    }
}
let result = try run("sh", "-c", "sleep 0.3; echo the child is done; exit 3", checked: false)
ticker.cancel()
print(result.output, terminator: "")
print(result.status)
print(ticks >= 10 ? "the ticker ticked" : "the ticker ticked \(ticks) times only")

do {
    try run("sleep", "1000", within: .milliseconds(50))
} catch is TimeoutError {
    print("the second child was too slow")
}
