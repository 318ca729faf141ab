// A producer and two consumers, each a loop of its own. The consumers give control back to their parent.

import Greenlets

func consumer(_ name: String) -> Greenlet<Int> {
    Greenlet { _ in
        print("--->starting eating buns...")
        while true {
            let bun = try Greenlet<Int>.current.parent!.switch(0)
            print("[\(name)] is eating bun \(bun)")
        }
    }
}

let consumers = [consumer("c1"), consumer("c2")]
for consumer in consumers { try consumer.switch(0) }
for bun in 1...5 {
    for consumer in consumers { try consumer.switch(bun) }
    print("[producer] is making bun \(bun)")
}
