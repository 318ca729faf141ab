// An ordinary recursive walk becomes a generator: send() waits wherever it is called, here inside a closure that a
// recursive method calls from many frames deep. Nothing on the way has to know of it.

import Channels
import Tasklets

indirect enum Tree {
    case leaf
    case node(Tree, String, Tree)

    func visit(_ body: (String) throws -> Void) rethrows {
        guard case .node(let left, let label, let right) = self else { return }
        try left.visit(body)
        try body(label)
        try right.visit(body)
    }
}

func labels(of tree: Tree) -> Channel<String> {
    let labels = Channel<String>()
    Tasklet(name: "walk") {
        try tree.visit { try labels.send($0) }
        labels.finish()
    }
    return labels
}

let branch = Tree.node(.node(.leaf, "birch", .leaf), "elm", .node(.leaf, "fir", .leaf))
let tree = Tree.node(branch, "oak", .node(.leaf, "pine", .leaf))

let walk = labels(of: tree)
while let label = try walk.next() {
    print(label)
}
