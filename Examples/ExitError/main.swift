// GreenletExit ends a greenlet and nobody else: the parent gets it as a value, and cleanup runs on the way.

import Greenlets

let worker = Greenlet<Any> { job in
    defer { print("cleanup") }
    var job = job
    while true {
        print("work on", job)
        job = try Greenlet<Any>.current.parent!.switch("ready")
    }
}

print(try worker.switch("a"))
print(try worker.switch("b"))
print(try worker.throw())
print(worker.isDead)
