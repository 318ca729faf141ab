// One tasklet writes into a pipe, another one reads. The pipe holds some 64 KB: whoever is ahead waits.
import Hub
import Tasklets

let (reader, writer) = try Hub.pipe()
Tasklet(name: "writer") {
    for number in 1...100_000 { try writer.write("line \(number)\n") }
    writer.close()
}
Tasklet(name: "reader") {
    var lines = 0
    var last = ""
    while let line = try reader.readLine() {
        lines += 1
        last = line
    }
    print(lines, "lines, the last one is", last)
}
try Tasklet.runUntilDone()
