// The same with coroutines: `yield` waits for the next bun.

import Greenlets

func consumer(_ name: String) -> Coroutine<Int, Void> {
    Coroutine { _, yield in
        print("--->starting eating buns...")
        while true {
            let bun = try yield(())
            print("[\(name)] is eating bun \(bun)")
        }
    }
}

let consumers = [consumer("c1"), consumer("c2")]
for consumer in consumers { _ = try consumer.resume(0) }
for bun in 1...5 {
    for consumer in consumers { _ = try consumer.resume(bun) }
    print("[producer] is making bun \(bun)")
}
