// A client that waits for a second, and a server that is slower once: nobody takes its reply then, and it waits for ever.
// On a virtual clock only sleep takes time, so it is never slow, unless the search lets time pass while it could run.

import Channels
import Exploration
import Tasklets

struct Question {
    let number: Int
    let answer: (Int) throws -> Void
}

func askByChannel(_ number: Int, _ questions: Channel<Question>) throws -> Int? {
    let reply = Channel<Int>(name: "reply")
    return try withTimeout(.seconds(1), orElse: nil) {
        try questions.send(Question(number: number) { try reply.send($0) })
        return try reply.receive()
    }
}

/// Who keeps a promise waits for nobody.
func askByPromise(_ number: Int, _ questions: Channel<Question>) throws -> Int? {
    let reply = Promise<Int>()
    return try withTimeout(.seconds(1), orElse: nil) {
        try questions.send(Question(number: number) { reply.fulfill($0) })
        return try reply.value()
    }
}

func clientAndServer(_ ask: @escaping (Int, Channel<Question>) throws -> Int?) throws {
    let questions = Channel<Question>(name: "questions")
    Tasklet(name: "server") {
        while let question = try questions.next() {
            try Tasklet.sleep(for: .milliseconds(10))
            try question.answer(question.number * question.number)
        }
    }
    Tasklet(name: "client") {
        _ = try ask(7, questions)
        questions.finish()
    }
    try Tasklet.run()
}

print("A server that is fast:", try explore { try clientAndServer(askByChannel) })

// The report of a failure is on standard error.
let slow = try explore(time: .anytime) { try clientAndServer(askByChannel) }
print("One that may be slow:", slow.isComplete ? "passes" : "fails")

print("With a promise:", try explore(time: .anytime) { try clientAndServer(askByPromise) })
print("The same, reduced:", try explore(.independent, time: .anytime) { try clientAndServer(askByPromise) })
