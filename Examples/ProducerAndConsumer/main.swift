// Two loops, each with its own place to go on, and no queue between them.

import Greenlets

let producer: Greenlet<Int> = Greenlet { count in
    try consumer.switch(0)
    for item in 1...count {
        print("Produce", item)
        try consumer.switch(item)
    }
    return 0
}

let consumer: Greenlet<Int> = Greenlet { _ in
    var last = 0
    while true {
        last = try producer.switch(last)
        print("Consume", last)
    }
}

try producer.switch(5)
