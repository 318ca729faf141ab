// The first switch starts a greenlet with a value; each later one is what its own pending switch returns.

import Greenlets

let asker: Greenlet<String> = Greenlet { greeting in
    let answer = try answerer.switch(greeting + " world")
    print(answer)
    return answer
}

let answerer: Greenlet<String> = Greenlet { question in
    print(question)
    return try asker.switch("42")
}

try asker.switch("hello")
