// Values go both ways: in as what starts the body, back as what the switch returns.

import Greenlets

let first: Greenlet<Int> = Greenlet { _ in
    print(12)
    let answer = try second.switch(56)
    print(answer)
    return 0
}

let second: Greenlet<Int> = Greenlet { question in
    print(question)
    return try first.switch(34)
}

try first.switch(0)
